"""The approval matrix over what was done: who approved it, whether they might, and one need ordered in parts."""

from __future__ import annotations

import pytest

ORDERS = """
    order_line_id | order_id | order_number | order_date | requested_by | approved_by | product_id | supplier_id | net_amount_document
    O1            | O1       | small        | 2024-03-01 | ann          | mia         | P1         | S1          | 9999.99
    O2            | O2       | large        | 2024-03-01 | ann          | mia         | P1         | S1          | 10000.00
    O3            | O3       | director     | 2024-03-01 | ann          | dan         | P1         | S1          | 900000
    O4            | O4       | own          | 2024-03-01 | mia          | mia         | P1         | S1          | 10
    O5            | O5       | stranger     | 2024-03-01 | ann          | bob         | P1         | S1          | 10
    O6            | O6       | nobody       | 2024-03-01 | ann          |             | P1         | S1          | 10
    O7            | O7       | before       | 2024-01-31 | ann          | mia         | P2         | S1          | 5000.00
    S1            | S1       | part 1       | 2024-03-04 | ann          | mia         | P3         | S2          | 8000
    S2            | S2       | part 2       | 2024-03-06 | ann          | mia         | P3         | S2          | 8000
    S3            | S3       | far          | 2024-03-14 | ann          | mia         | P3         | S2          | 8000
    S4            | S4       | other need   | 2024-03-05 | ann          | mia         | P4         | S2          | 8000
    S5            | S5       | other buyer  | 2024-03-05 | cid          | mia         | P3         | S2          | 8000
    S6            | S6       | far under    | 2024-03-05 | ann          | mia         | P3         | S2          | 6999.99
"""  # noqa: E501


@pytest.fixture(scope="module")
def group(new_group):
    """Managers approve up to 5,000 in January and up to 10,000 from February on, directors anything."""
    group = new_group()
    group.add(
        "tryton__purchase_order_line",
        ORDERS,
    )
    group.add(
        "governance__approval_limit",
        """
        company_code | document_type  | role     | valid_from | valid_to   | amount_limit_company | split_share | split_days
        all          | purchase_order | manager  | 2024-01-01 | 2024-01-31 | 5000                 | 0.7         | 7
        all          | purchase_order | manager  | 2024-02-01 | 9999-12-31 | 10000                | 0.7         | 7
        all          | purchase_order | director | 2024-01-01 | 9999-12-31 |                      | 0.7         | 7
        all          | sales_order    | manager  | 2024-01-01 | 9999-12-31 | 1                    | 0.7         | 7
        """,  # noqa: E501
    )
    group.add(
        "governance__approver",
        """
        company_code | user_name | role     | valid_from | valid_to
        all          | mia       | manager  | 2024-01-01 | 9999-12-31
        all          | dan       | director | 2024-01-01 | 9999-12-31
        all          | bob       | director | 2023-01-01 | 2024-02-29
        """,
    )
    group.build("+fct_approval_check +fct_tie_out")
    return group


def test_verdicts(group):
    assert group.rows(
        """select document_number, verdict, approver_role, required_role
           from marts.fct_approval_check order by document_id"""
    ) == [
        ("small", "within", "manager", "manager"),
        ("large", "beyond_limit", "manager", "director"),  # the limit itself is the director's
        ("director", "within", "director", "director"),
        ("own", "by_requester", "manager", "manager"),
        ("stranger", "no_role", None, "manager"),  # his role ended a day earlier
        ("nobody", "not_approved", None, "manager"),
        ("before", "beyond_limit", "manager", "director"),  # the limit of January
        ("part 1", "split", "manager", "manager"),
        ("part 2", "split", "manager", "manager"),
        ("far", "within", "manager", "manager"),
        ("other need", "within", "manager", "manager"),
        ("other buyer", "within", "manager", "manager"),
        ("far under", "within", "manager", "manager"),
    ]


def test_parts_of_one_need_are_counted_and_added_up(group):
    assert group.rows(
        """select document_number, split_documents, split_amount_company_currency
           from marts.fct_approval_check where verdict = 'split' order by 1"""
    ) == [("part 1", "2", "16000.0000"), ("part 2", "2", "16000.0000")]


def test_control_counts_what_was_approved_outside_the_matrix(group):
    # 13 orders, of which 6 within.
    assert group.rows(
        "select left_total, right_total, blocking, passed from marts.fct_tie_out where control = 'approval'"
    ) == [("13.0000", "6.0000", "false", "false")]


def test_a_company_with_a_matrix_of_its_own_has_that_alone(new_group):
    group = new_group()
    group.add(
        "tryton__purchase_order_line",
        "order_line_id | order_id | order_date | requested_by | approved_by | net_amount_document\n"
        "O1            | O1       | 2024-03-01 | ann          | mia         | 500",
    )
    group.add(
        "governance__approval_limit",
        """
        company_code | document_type  | role    | valid_from | valid_to   | amount_limit_company
        all          | purchase_order | manager | 2024-01-01 | 9999-12-31 | 1000
        A            | purchase_order | manager | 2024-01-01 | 9999-12-31 | 100
        """,
    )
    group.add(
        "governance__approver",
        "company_code | user_name | role    | valid_from | valid_to\nA | mia | manager | 2024-01-01 | 9999-12-31",
    )
    group.build("+fct_approval_check")
    assert group.rows("select verdict, limit_company_currency from marts.fct_approval_check") == [
        ("beyond_limit", "100.0000")
    ]
