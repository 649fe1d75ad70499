"""The trial balance by period, also where nothing was posted or the source has no periods."""

from __future__ import annotations

BALANCE = """
select fiscal_year, fiscal_period, opening, debit, credit, closing from marts.fct_trial_balance_monthly
where account_id = 'BANK' order by period_start
"""
LINES = """
journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company
1               | E1               | BANK       | 2024-01-10   | 100           | 0
2               | E1               | SALES      | 2024-01-10   | 0             | 100
3               | E2               | COSTS      | 2024-04-30   | 30            | 0
4               | E2               | BANK       | 2024-04-30   | 0             | 30
5               | E3               | BANK       | 2024-05-01   | 5             | 0
6               | E3               | SALES      | 2024-05-01   | 0             | 5
"""


def test_months_without_a_posting_carry_the_balance_on(new_group):
    group = new_group()
    group.add("tryton__journal_line", LINES)
    # Fiscal years of the group start in April; the entry of May is not known yet.
    group.build("+fct_tie_out trial_balance_runs_on", command="build", as_of="2024-04-30", fiscal_year_start="04-01")
    assert group.rows(BALANCE) == [
        ("2023", "10", "0.0000", "100.0000", "0.0000", "100.0000"),
        ("2023", "11", "100.0000", "0.0000", "0.0000", "100.0000"),
        ("2023", "12", "100.0000", "0.0000", "0.0000", "100.0000"),
        ("2024", "1", "100.0000", "0.0000", "30.0000", "70.0000"),
    ]
    assert group.rows(
        """select left_label, left_total, right_total, passed from marts.fct_tie_out
           where control = 'trial_balance' order by 1"""
    ) == [
        ("debit balances", "100.0000", "100.0000", "true"),
        ("debit of all periods", "130.0000", "130.0000", "true"),
    ]


def test_periods_of_the_source_win(new_group):
    group = new_group()
    group.add("tryton__journal_line", LINES)
    group.add(
        "tryton__fiscal_period",
        """
        fiscal_period_id | fiscal_year | fiscal_period | start_date | end_date
        Q1               | FY24        | 1             | 2024-02-01 | 2024-04-30
        Q2               | FY24        | 2             | 2024-05-01 | 2024-07-31
        """,
    )
    group.build("+fct_trial_balance_monthly", as_of="2024-05-31")
    assert group.rows(BALANCE) == [
        ("2024", "1", "0.0000", "100.0000", "0.0000", "100.0000"),
        ("FY24", "1", "100.0000", "0.0000", "30.0000", "70.0000"),
        ("FY24", "2", "70.0000", "5.0000", "0.0000", "75.0000"),
    ]
