"""Both ERPs of the demo group tell the same story in their own words; staging must understand the same from both.

The books are kept in CNY. Customer C1 gets invoice S1 of 113.00 and a credit note S2 of 11.30 for it, and pays 40.00,
then 50.00 of which 30.00 are applied two weeks later. Customer C2 is billed USD 100.00 at 7.00 and pays 98.00 at 7.10
for all of it; USD 20.00 more at 7.00 are paid at 7.20 and applied later. Supplier V1 bills USD 10.00 at 7.00, paid at
6.90, and once more, paid at 7.30 and applied later. Supplier V2 bills 56.50 and is paid 30.00, of which 25.00 are
applied later. Drafts are no documents. The rows stand there under two source names, so that a join without the source
would show. The Chinese ERP keeps bills as well: C1 gives one of 100.00, of which 10.00 are applied to S1 in March,
20.00 are endorsed to V2 and 80.00 discounted; C2 gives one of 60.00 that is refused; V1 gets one of 50.00, paid.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.contracts.canonical import OBJECTS
from dagster_project.sources.raw import prepare_warehouse

DBT_PROJECT = Path(__file__).parents[2] / "dbt"
STAGED = {
    system: {file.stem.split("__")[1] for file in (DBT_PROJECT / "models" / "staging" / system).glob("stg_*.sql")}
    for system in ("erp_china", "erp_global", "crm", "hr_payroll")
}
SOURCES = ("north", "south")

CHINA = {
    "t_gongsi": """
        gsdm | gsmc         | tyshxydm | guojia | bwb
        A    | 港灯贸易公司 |          | CN     | CNY
        """,
    "t_huilv": """
        bizhong | riqi       | huilv
        USD     | 2026-01-01 | 8
        """,
    "t_kemu": """
        gsdm | kmdm | kmmc     | kmlb | fzhs
        A    | 1122 | 应收账款 | 资产 | 客户
        A    | 2202 | 应付账款 | 负债 | 供应商
        A    | 1121 | 应收票据 | 资产 |
        A    | 2201 | 应付票据 | 负债 |
        A    | 1002 | 银行存款 | 资产 | 银行
        A    | 4001 | 实收资本 | 权益 |
        A    | 6001 | 主营收入 | 收入 |
        A    | 6401 | 主营成本 | 费用 |
        """,
    "t_piaoju": """
        pjid | pjh | gsdm | pjlx     | fangxiang | khbm | gysbm | cpr      | bizhong | je  | cprq       | dqr
        1    | N1  | A    | 银行承兑 | 应收      | C1   |       | 信达电子 | CNY     | 100 | 2026-01-05 | 2026-07-05
        2    | N2  | A    | 商业承兑 | 应付      |      | V1    |          | CNY     | 50  | 2026-01-06 | 2026-04-06
        3    | N3  | A    | 商业承兑 | 应收      | C2   |       | 恒通贸易 | CNY     | 60  | 2026-01-09 | 2026-03-20
        """,
    "t_piaoju_shijian": """
        sjid | pjid | gsdm | sjlx | sjrq       | gysbm | zhid | je  | bwb_je | feiyong
        1    | 1    | A    | 收票 | 2026-01-08 |       |      | 100 | 100    |
        2    | 1    | A    | 贴现 | 2026-04-08 |       | 7    | 80  | 80     | 2.50
        3    | 2    | A    | 开票 | 2026-01-06 |       |      | 50  | 50     |
        4    | 2    | A    | 到期 | 2026-04-06 |       | 7    | 50  | 50     |
        5    | 1    | A    | 背书 | 2026-03-05 | V2    |      | 20  | 20     |
        6    | 3    | A    | 收票 | 2026-01-09 |       |      | 60  | 60     |
        7    | 3    | A    | 拒付 | 2026-03-20 |       |      | 60  | 60     |
        """,
    "t_yinhang_zhanghu": """
        zhid | gsdm | bizhong | kmdm
        7    | A    | CNY     | 1002
        """,
    "t_kehu": """
        khbm | khmc     | zhangqi_ts | qudao | tingyong
        C1   | 信达电子 | 30         | 经销  | false
        C2   | 恒通贸易 | 30         | 直销  | true
        """,
    "t_gongyingshang": """
        gysbm | gysmc    | yhzh
        V1    | 东方钢铁 | 6222 0000 1111
        """,
    "t_xs_fapiao": """
        fpid | fph | gsdm | khbm | kprq       | dqr        | hongzi | bizhong | jshj   | shuie | bwb_jshj | bwb_shuie | zhengyi | zhuangtai
        1    | S1  | A    | C1   | 2026-01-05 | 2026-02-04 | false  | CNY     | 113.00 | 13.00 | 113.00   | 13.00     | true    | 已审核
        2    | S2  | A    | C1   | 2026-01-25 |            | true   | CNY     | 11.30  | 1.30  | 11.30    | 1.30      | false   | 已审核
        3    | S3  | A    | C2   | 2026-01-10 | 2026-02-09 | false  | USD     | 100.00 | 0     | 700.00   | 0         | false   | 已审核
        4    |     | A    | C2   | 2026-01-11 | 2026-02-10 | false  | USD     | 5.00   | 0     | 35.00    | 0         | false   | 草稿
        5    | S5  | A    | C2   | 2026-02-12 | 2026-03-14 | false  | USD     | 20.00  | 0     | 140.00   | 0         | false   | 已审核
        """,  # noqa: E501
    "t_xs_fapiao_mx": """
        fpid | hh | wlbm | kmdm | sl | hsdj  | jshj   | shuie | bwb_jshj | bwb_shuie | chengben | ddid | ddhh
        1    | 1  | P1   | 6001 | 6  | 11.30 | 67.80  | 7.80  | 67.80    | 7.80      | 36.00    | 8    | 1
        1    | 2  | P2   | 6001 | 1  | 45.20 | 45.20  | 5.20  | 45.20    | 5.20      | 21.00    | 8    | 2
        2    | 1  | P1   | 6001 | 1  | 11.30 | 11.30  | 1.30  | 11.30    | 1.30      | 6.00     | 8    | 1
        3    | 1  | P1   | 6001 | 10 | 10.00 | 100.00 | 0     | 700.00   | 0         | 400.00   | 9    | 1
        4    | 1  | P1   | 6001 | 1  | 5.00  | 5.00   | 0     | 35.00    | 0         | 3.00     |      |
        5    | 1  | P1   | 6001 | 2  | 10.00 | 20.00  | 0     | 140.00   | 0         | 80.00    | 9    | 2
        """,
    "t_shoukuan": """
        skid | gsdm | khbm | skrq       | bizhong | je    | bwb_je
        1    | A    | C1   | 2026-01-20 | CNY     | 40.00 | 40.00
        2    | A    | C1   | 2026-02-01 | CNY     | 50.00 | 50.00
        3    | A    | C2   | 2026-02-10 | USD     | 98.00 | 695.80
        4    | A    | C2   | 2026-02-20 | USD     | 20.00 | 144.00
        """,
    "t_ys_hexiao": """
        hxid | gsdm | hxrq       | fpid | skid | hz_fpid | sjid | lx   | je    | bwb_je | hdsy
        1    | A    | 2026-01-20 | 1    | 1    |         |      | 收款 | 40.00 | 40.00  | 0
        2    | A    | 2026-01-28 | 1    |      | 2       |      | 红冲 | 11.30 | 11.30  | 0
        3    | A    | 2026-02-01 | 1    | 2    |         |      | 收款 | 20.00 | 20.00  | 0
        4    | A    | 2026-02-10 | 3    | 3    |         |      | 收款 | 98.00 | 686.00 | 9.80
        5    | A    | 2026-02-10 | 3    | 3    |         |      | 折扣 | 2.00  | 14.00  | 0.20
        6    | A    | 2026-02-15 | 1    | 2    |         |      | 收款 | 30.00 | 30.00  | 0
        7    | A    | 2026-03-05 | 5    | 4    |         |      | 收款 | 20.00 | 140.00 | 4.00
        8    | A    | 2026-03-10 | 1    |      |         | 1    | 票据 | 10.00 | 10.00  | 0
        """,
    "t_cg_fapiao": """
        fpid | fph | gys_fph | gsdm | gysbm | kprq       | jzrq       | dqr        | bizhong | jshj  | shuie | bwb_jshj | bwb_shuie | zhuangtai | zkl | zkts
        1    | B1  | X-77    | A    | V1    | 2026-01-08 | 2026-01-09 | 2026-02-08 | USD     | 10.00 | 0     | 70.00    | 0         | 已审核 | 2 | 10
        2    | B2  | 0815    | A    | V2    | 2026-01-15 | 2026-01-15 | 2026-02-14 | CNY     | 56.50 | 6.50  | 56.50    | 6.50      | 已审核 |  |
        3    | B3  | 0816    | A    | V2    | 2026-01-16 | 2026-01-16 | 2026-02-15 | CNY     | 1.00  | 0     | 1.00     | 0         | 草稿 | 2 | 10
        4    | B4  | X-78    | A    | V1    | 2026-02-12 | 2026-02-12 | 2026-03-14 | USD     | 10.00 | 0     | 70.00    | 0         | 已审核 |  |
        """,  # noqa: E501
    "t_cg_fapiao_mx": """
        fpid | hh | wlbm | sl | hsdj  | jshj  | shuie | bwb_jshj | bwb_shuie
        1    | 1  | P1   | 2  | 5.00  | 10.00 | 0     | 70.00    | 0
        2    | 1  |      | 1  | 56.50 | 56.50 | 6.50  | 56.50    | 6.50
        3    | 1  |      | 1  | 1.00  | 1.00  | 0     | 1.00     | 0
        4    | 1  | P1   | 2  | 5.00  | 10.00 | 0     | 70.00    | 0
        """,
    "t_fukuan": """
        fkid | gsdm | gysbm | fkrq       | bizhong | je    | bwb_je
        1    | A    | V1    | 2026-02-09 | USD     | 10.00 | 69.00
        2    | A    | V2    | 2026-02-20 | CNY     | 30.00 | 30.00
        3    | A    | V1    | 2026-02-21 | USD     | 10.00 | 73.00
        """,
    "t_yf_hexiao": """
        hxid | gsdm | hxrq       | fpid | fkid | sjid | lx   | je    | bwb_je | hdsy
        1    | A    | 2026-02-09 | 1    | 1    |      | 付款 | 10.00 | 70.00  | 1.00
        2    | A    | 2026-03-01 | 2    | 2    |      | 付款 | 25.00 | 25.00  | 0
        3    | A    | 2026-03-02 | 4    | 3    |      | 付款 | 10.00 | 70.00  | -3.00
        4    | A    | 2026-03-05 | 2    |      | 5    | 票据 | 20.00 | 20.00  | 0
        """,
    "t_pingzheng": """
        pzid | pzh   | gsdm | pzrq       | zhuangtai
        1    | 记-1  | A    | 2026-01-05 | 已过账
        2    | 记-2  | A    | 2026-01-09 | 已过账
        3    | 记-3  | A    | 2026-01-10 | 已过账
        4    | 记-4  | A    | 2026-01-15 | 已过账
        5    | 记-5  | A    | 2026-01-20 | 已过账
        6    | 记-6  | A    | 2026-01-25 | 已过账
        7    | 记-7  | A    | 2026-02-01 | 已过账
        8    | 记-8  | A    | 2026-02-09 | 已过账
        9    | 记-9  | A    | 2026-02-10 | 已过账
        10   | 记-10 | A    | 2026-02-20 | 已过账
        11   |       | A    | 2026-02-21 | 草稿
        12   | 记-12 | A    | 2026-02-12 | 已过账
        13   | 记-13 | A    | 2026-02-12 | 已过账
        14   | 记-14 | A    | 2026-02-20 | 已过账
        15   | 记-15 | A    | 2026-02-21 | 已过账
        16   | 记-16 | A    | 2026-03-02 | 已过账
        17   | 记-17 | A    | 2026-03-05 | 已过账
        18   | 记-18 | A    | 2026-01-08 | 已过账
        19   | 记-19 | A    | 2026-01-06 | 已过账
        20   | 记-20 | A    | 2026-03-05 | 已过账
        21   | 记-21 | A    | 2026-01-09 | 已过账
        22   | 记-22 | A    | 2026-03-20 | 已过账
        """,
    "t_pingzheng_fl": """
        pzid | flh | kmdm | fangxiang | je     | khbm | gysbm
        1    | 1   | 1122 | 借        | 113.00 | C1   |
        1    | 2   | 6001 | 贷        | 113.00 |      |
        2    | 1   | 2202 | 贷        | 70.00  |      | V1
        3    | 1   | 1122 | 借        | 700.00 | C2   |
        4    | 1   | 2202 | 贷        | 56.50  |      | V2
        5    | 1   | 1122 | 贷        | 40.00  | C1   |
        6    | 1   | 1122 | 贷        | 11.30  | C1   |
        7    | 1   | 1122 | 贷        | 50.00  | C1   |
        8    | 1   | 2202 | 借        | 70.00  |      | V1
        9    | 1   | 1122 | 贷        | 700.00 | C2   |
        10   | 1   | 2202 | 借        | 30.00  |      | V2
        11   | 1   | 1122 | 借        | 35.00  | C2   |
        12   | 1   | 1122 | 借        | 140.00 | C2   |
        13   | 1   | 2202 | 贷        | 70.00  |      | V1
        14   | 1   | 1122 | 贷        | 144.00 | C2   |
        15   | 1   | 2202 | 借        | 73.00  |      | V1
        16   | 1   | 2202 | 贷        | 3.00   |      | V1
        17   | 1   | 1122 | 借        | 4.00   | C2   |
        18   | 1   | 1122 | 贷        | 100.00 | C1   |
        19   | 1   | 2202 | 借        | 50.00  |      | V1
        20   | 1   | 2202 | 借        | 20.00  |      | V2
        21   | 1   | 1122 | 贷        | 60.00  | C2   |
        22   | 1   | 1122 | 借        | 60.00  | C2   |
        """,
}

GLOBAL = {
    "companies": """
        id | code | name        | currency_code | country_code
        70 | A    | Lantern Ltd | CNY           | GB
        """,
    "exchange_rates": """
        id | currency_code | valid_from | units_per_eur
        1  | USD           | 2026-01-01 | 1.25
        """,
    "accounts": """
        id | company_id | account_number | title         | account_class | subledger
        11 | 70         | 12000          | Receivables   | A             | AR
        12 | 70         | 20000          | Payables      | L             | AP
        13 | 70         | 11000          | Bank          | A             | BANK
        14 | 70         | 30000          | Share capital | Q             |
        15 | 70         | 40000          | Sales         | R             |
        16 | 70         | 50000          | Cost of sales | X             |
        """,
    "payment_terms": """
        id | net_days
        5  | 30
        """,
    "business_partners": """
        id | partner_number | legal_name    | is_customer | is_supplier | payment_term_id | status  | merged_into_id
        1  | C1             | Birch Ltd     | true        | false       | 5               | active  |
        2  | C2             | Birch Limited | true        | false       | 5               | blocked | 1
        3  | V1             | Cedar SA      | false       | true        |                 | active  |
        4  | V2             | Dogwood plc   | false       | true        | 5               | active  |
        """,
    "customer_settings": """
        partner_id | credit_limit
        1          | 5000.00
        """,
    "partner_bank_accounts": """
        id | partner_id | account_number   | valid_from | valid_to
        1  | 3          | GB00 OLD         | 2025-01-01 | 2026-01-31
        2  | 3          | GB29 NWBK 6016 1 | 2026-02-01 |
        """,
    "customer_documents": """
        id | document_number | document_type | company_id | partner_id | document_date | due_date   | currency_code | net_total | tax_total | net_total_base | tax_total_base | dispute_code | state
        1  | S1              | INV           | 70         | 1          | 2026-01-05    | 2026-02-04 | CNY           | 100.00    | 13.00     | 100.00         | 13.00          | QUALITY      | posted
        2  | S2              | CRN           | 70         | 1          | 2026-01-25    |            | CNY           | -10.00    | -1.30     | -10.00         | -1.30          |              | posted
        3  | S3              | INV           | 70         | 2          | 2026-01-10    | 2026-02-09 | USD           | 100.00    | 0         | 700.00         | 0              |              | posted
        4  |                 | INV           | 70         | 2          | 2026-01-11    | 2026-02-10 | USD           | 5.00      | 0         | 35.00          | 0              |              | draft
        5  | S5              | INV           | 70         | 2          | 2026-02-12    | 2026-03-14 | USD           | 20.00     | 0         | 140.00         | 0              |              | posted
        """,  # noqa: E501
    "customer_document_lines": """
        id | document_id | product_id | account_id | quantity | unit_price | net_amount | tax_amount | net_amount_base | tax_amount_base | cost_base | sales_order_line_id
        11 | 1           | 1          | 15         | 6        | 10.00      | 60.00      | 7.80       | 60.00           | 7.80            | 36.00     | 81
        12 | 1           | 2          | 15         | 1        | 40.00      | 40.00      | 5.20       | 40.00           | 5.20            | 21.00     | 82
        21 | 2           | 1          | 15         | -1       | 10.00      | -10.00     | -1.30      | -10.00          | -1.30           | -6.00     | 81
        31 | 3           | 1          | 15         | 10       | 10.00      | 100.00     | 0          | 700.00          | 0               | 400.00    | 91
        41 | 4           | 1          | 15         | 1        | 5.00       | 5.00       | 0          | 35.00           | 0               | 3.00      |
        51 | 5           | 1          | 15         | 2        | 10.00      | 20.00      | 0          | 140.00          | 0               | 80.00     | 92
        """,  # noqa: E501
    "receipts": """
        id | company_id | partner_id | received_on | currency_code | amount | amount_base
        1  | 70         | 1          | 2026-01-20  | CNY           | 40.00  | 40.00
        2  | 70         | 1          | 2026-02-01  | CNY           | 50.00  | 50.00
        3  | 70         | 2          | 2026-02-10  | USD           | 98.00  | 695.80
        4  | 70         | 2          | 2026-02-20  | USD           | 20.00  | 144.00
        """,
    "receipt_allocations": """
        id | document_id | receipt_id | credit_document_id | allocated_on | allocation_kind | amount | amount_base | exchange_difference_base
        1  | 1           | 1          |                    | 2026-01-20   | PAYMENT         | 40.00  | 40.00       | 0
        2  | 1           |            | 2                  | 2026-01-28   | CREDIT          | 11.30  | 11.30       | 0
        3  | 1           | 2          |                    | 2026-02-01   | PAYMENT         | 20.00  | 20.00       | 0
        4  | 3           | 3          |                    | 2026-02-10   | PAYMENT         | 98.00  | 686.00      | 9.80
        5  | 3           | 3          |                    | 2026-02-10   | DISCOUNT        | 2.00   | 14.00       | 0.20
        6  | 1           | 2          |                    | 2026-02-15   | PAYMENT         | 30.00  | 30.00       | 0
        7  | 5           | 4          |                    | 2026-03-05   | PAYMENT         | 20.00  | 140.00      | 4.00
        """,  # noqa: E501
    "supplier_documents": """
        id | document_number | supplier_reference | company_id | partner_id | document_date | posting_date | due_date   | currency_code | net_total | tax_total | net_total_base | tax_total_base | state | discount_percent | discount_days
        1  | B1              | X-77               | 70         | 3          | 2026-01-08    | 2026-01-09   | 2026-02-08 | USD           | 10.00     | 0         | 70.00          | 0              | posted | 2 | 10
        2  | B2              | 0815               | 70         | 4          | 2026-01-15    | 2026-01-15   | 2026-02-14 | CNY           | 50.00     | 6.50      | 50.00          | 6.50           | posted |  |
        3  | B3              | 0816               | 70         | 4          | 2026-01-16    | 2026-01-16   | 2026-02-15 | CNY           | 1.00      | 0         | 1.00           | 0              | draft | 2 | 10
        4  | B4              | X-78               | 70         | 3          | 2026-02-12    | 2026-02-12   | 2026-03-14 | USD           | 10.00     | 0         | 70.00          | 0              | posted |  |
        """,  # noqa: E501
    "supplier_document_lines": """
        id | document_id | product_id | quantity | unit_price | net_amount | tax_amount | net_amount_base | tax_amount_base
        1  | 1           | 1          | 2        | 5.00       | 10.00      | 0          | 70.00           | 0
        2  | 2           |            | 1        | 50.00      | 50.00      | 6.50       | 50.00           | 6.50
        3  | 3           |            | 1        | 1.00       | 1.00       | 0          | 1.00            | 0
        4  | 4           | 1          | 2        | 5.00       | 10.00      | 0          | 70.00           | 0
        """,  # noqa: E501
    "payments": """
        id | company_id | partner_id | paid_on    | currency_code | amount | amount_base
        1  | 70         | 3          | 2026-02-09 | USD           | 10.00  | 69.00
        2  | 70         | 4          | 2026-02-20 | CNY           | 30.00  | 30.00
        3  | 70         | 3          | 2026-02-21 | USD           | 10.00  | 73.00
        """,
    "payment_allocations": """
        id | document_id | payment_id | allocated_on | amount | amount_base | exchange_difference_base
        1  | 1           | 1          | 2026-02-09   | 10.00  | 70.00       | 1.00
        2  | 2           | 2          | 2026-03-01   | 25.00  | 25.00       | 0
        3  | 4           | 3          | 2026-03-02   | 10.00  | 70.00       | -3.00
        """,
    "journal_entries": """
        id | entry_number | company_id | posted_on  | state
        1  | J1           | 70         | 2026-01-05 | posted
        2  | J2           | 70         | 2026-01-09 | posted
        3  | J3           | 70         | 2026-01-10 | posted
        4  | J4           | 70         | 2026-01-15 | posted
        5  | J5           | 70         | 2026-01-20 | posted
        6  | J6           | 70         | 2026-01-25 | posted
        7  | J7           | 70         | 2026-02-01 | posted
        8  | J8           | 70         | 2026-02-09 | posted
        9  | J9           | 70         | 2026-02-10 | posted
        10 | J10          | 70         | 2026-02-20 | posted
        11 |              | 70         | 2026-02-21 | draft
        12 | J12          | 70         | 2026-02-12 | posted
        13 | J13          | 70         | 2026-02-12 | posted
        14 | J14          | 70         | 2026-02-20 | posted
        15 | J15          | 70         | 2026-02-21 | posted
        16 | J16          | 70         | 2026-03-02 | posted
        17 | J17          | 70         | 2026-03-05 | posted
        """,
    "journal_entry_lines": """
        id  | entry_id | account_id | partner_id | debit  | credit
        101 | 1        | 11         | 1          | 113.00 | 0
        102 | 1        | 15         |            | 0      | 113.00
        201 | 2        | 12         | 3          | 0      | 70.00
        301 | 3        | 11         | 2          | 700.00 | 0
        401 | 4        | 12         | 4          | 0      | 56.50
        501 | 5        | 11         | 1          | 0      | 40.00
        601 | 6        | 11         | 1          | 0      | 11.30
        701 | 7        | 11         | 1          | 0      | 50.00
        801 | 8        | 12         | 3          | 70.00  | 0
        901 | 9        | 11         | 2          | 0      | 700.00
        951 | 10       | 12         | 4          | 30.00  | 0
        991 | 11       | 11         | 2          | 35.00  | 0
        992 | 12       | 11         | 2          | 140.00 | 0
        993 | 13       | 12         | 3          | 0      | 70.00
        994 | 14       | 11         | 2          | 0      | 144.00
        995 | 15       | 12         | 3          | 73.00  | 0
        996 | 16       | 12         | 3          | 0      | 3.00
        997 | 17       | 11         | 2          | 4.00   | 0
        """,
}

CRM = {
    "accounts": """
        account_id | account_name | erp_customer_number | tax_id | territory | channel | owner_id
        A1         | BIRCH LTD    | C1                  | GB1    | Kent      | Online  | U1
        A2         | Prospect     |                     |        |           |         | U9
        """,
    "users": """
        user_id | full_name
        U1      | Mei Lin
        """,
}

PAYROLL = {
    "payroll": """
        company_code | period  | employee_number | employee_name | department | pay_date   | currency | gross   | employer_contribution | income_tax | employee_contribution | net_pay
        A            | 2026-01 | 1               | Mei Lin       | Sales      | 2026-01-25 | CNY      | 1000.00 | 280.00                | 60.00      | 105.00                | 835.00
        A            | 2026-01 | 2               | Li Wei        | Sales      | 2026-01-25 | CNY      | 800.00  | 224.00                | 48.00      | 84.00                 | 668.00
        A            | 2026-02 | 1               | Mei Lin       | Export     | 2026-02-25 | CNY      | 1000.00 | 280.00                | 60.00      | 105.00                | 835.00
        """,  # noqa: E501
}


def _insert(warehouse: duckdb.DuckDBPyConnection, system: str, tables: dict[str, str]) -> None:
    """Rows written as tables: names in the first line, ``|`` between cells, empty cells are NULL."""
    for table, written in tables.items():
        names, *rows = [[cell.strip() or None for cell in line.split("|")] for line in written.strip().splitlines()]
        listed = ", ".join(["_source", *(str(name) for name in names)])
        marks = ", ".join("?" * (len(names) + 1))
        warehouse.executemany(
            f"insert into latest.{system}__{table} ({listed}) values ({marks})",
            [[source, *row] for source in SOURCES for row in rows],
        )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The story in all four systems, and the staging models over it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("demo_systems")
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        prepare_warehouse(connection)
        for system, tables in (("erp_china", CHINA), ("erp_global", GLOBAL), ("crm", CRM), ("hr_payroll", PAYROLL)):
            _insert(connection, system, tables)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SETTLEHOUSE_WAREHOUSE", str(path))
        outcome = dbtRunner().invoke(
            [
                "build",
                "--select", *(f"path:models/staging/{system}" for system in STAGED),
                "--project-dir", str(DBT_PROJECT),
                "--profiles-dir", str(DBT_PROJECT),
                "--target-path", str(folder / "target"),
                "--log-path", str(folder / "logs"),
                "--log-level", "none",
            ]
        )  # fmt: skip
    DuckDBConnectionManager.close_all_connections()
    assert outcome.exception is None, outcome.exception
    broken = [f"{r.node.name}: {r.message}" for r in outcome.result.results if str(r.status) not in ("success", "pass")]
    assert not broken, broken
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def table(text: str) -> list[tuple[str | None, ...]]:
    return [tuple(cell.strip() or None for cell in line.split("|")) for line in text.strip().splitlines()]


@pytest.fixture(params=["erp_china", "erp_global"])
def erp(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SOURCES)
def staged(request: pytest.FixtureRequest, warehouse: duckdb.DuckDBPyConnection) -> Any:
    """Rows of a staging model in one source: the columns asked for as text, ids without the source's name."""

    def rows(model: str, *columns: str, order_by: str = "all") -> list[tuple[str | None, ...]]:
        listed = ", ".join(
            f"{name}::decimal(18, 2)::varchar" if "amount" in name or "_company_currency" in name or "price" in name
            else f"replace({name}::varchar, source_system || ':', '')"
            for name in columns
        )  # fmt: skip
        return warehouse.execute(
            f"select {listed} from staging.stg_{model} where source_system = ? order by {order_by}", [request.param]
        ).fetchall()

    return rows


def test_every_object_is_staged_with_the_columns_of_the_contract(warehouse: duckdb.DuckDBPyConnection):
    for system, objects in STAGED.items():
        for name in sorted(objects):
            columns = warehouse.execute(f"describe staging.stg_{system}__{name}").fetchall()
            assert [(c[0], c[1]) for c in columns] == [(c.name, c.type) for c in OBJECTS[name].columns], (system, name)


def test_what_the_contract_requires_is_there_and_keys_are_unique(warehouse: duckdb.DuckDBPyConnection):
    for system, objects in STAGED.items():
        for name in sorted(objects & {"receivable", "receivable_settlement", "payable", "payable_settlement", "account",
                                      "sales_invoice", "sales_invoice_line", "purchase_invoice", "journal_line",
                                      "purchase_invoice_line", "crm_account", "employee", "payroll_line"}):  # fmt: skip
            described = OBJECTS[name]
            empty = " or ".join(f"{c.name} is null" for c in described.columns if c.required)
            found = warehouse.execute(
                f"select count(*), count(distinct {described.key}), count(*) filter (where {empty}) "
                f"from staging.stg_{system}__{name}"
            ).fetchone()
            assert found is not None
            assert found[0] > 0, (system, name)
            assert (found[1], found[2]) == (found[0], 0), (system, name)


def test_sales_invoices_are_net_of_tax_and_credit_notes_negative(erp: str, staged: Any):
    assert staged(
        f"{erp}__sales_invoice", "invoice_number", "kind", "document_currency", "net_amount_document_currency",
        "tax_amount_document_currency", "is_disputed",
    ) == table("""
        S1 | invoice     | CNY | 100.00 | 13.00 | true
        S2 | credit_note | CNY | -10.00 | -1.30 | false
        S3 | invoice     | USD | 100.00 | 0.00  | false
        S5 | invoice     | USD | 20.00  | 0.00  | false
        """)  # fmt: skip


def test_sales_lines_have_quantity_cost_and_amounts_of_their_sign(erp: str, staged: Any):
    assert staged(
        f"{erp}__sales_invoice_line", "invoice_id", "quantity", "unit_price_document_currency",
        "net_amount_document_currency", "tax_amount_document_currency", "net_amount_company_currency",
        "tax_amount_company_currency", "cost_amount_company_currency", order_by="invoice_line_id",
    ) == table("""
        1 | 6.000000  | 10.00 | 60.00  | 7.80  | 60.00  | 7.80  | 36.00
        1 | 1.000000  | 40.00 | 40.00  | 5.20  | 40.00  | 5.20  | 21.00
        2 | -1.000000 | 10.00 | -10.00 | -1.30 | -10.00 | -1.30 | -6.00
        3 | 10.000000 | 10.00 | 100.00 | 0.00  | 700.00 | 0.00  | 400.00
        5 | 2.000000  | 10.00 | 20.00  | 0.00  | 140.00 | 0.00  | 80.00
        """)  # fmt: skip


def test_receivables_are_invoices_credit_notes_and_the_part_of_receipts_not_applied_at_once(erp: str, staged: Any):
    assert staged(
        f"{erp}__receivable", "kind", "invoice_number", "posting_date", "due_date", "document_currency",
        "amount_document_currency", "amount_company_currency", order_by="kind = 'other', posting_date",
    ) == table("""
        invoice        | S1 | 2026-01-05 | 2026-02-04 | CNY | 113.00 | 113.00
        invoice        | S3 | 2026-01-10 | 2026-02-09 | USD | 100.00 | 700.00
        credit_note    | S2 | 2026-01-25 | 2026-01-25 | CNY | -11.30 | -11.30
        unapplied_cash |    | 2026-02-01 | 2026-02-01 | CNY | -30.00 | -30.00
        invoice        | S5 | 2026-02-12 | 2026-03-14 | USD | 20.00  | 140.00
        unapplied_cash |    | 2026-02-20 | 2026-02-20 | USD | -20.00 | -144.00
        """) + (erp == "erp_china") * table("""
        other          |    | 2026-01-08 | 2026-01-08 | CNY | -100.00 | -100.00
        other          |    | 2026-01-09 | 2026-01-09 | CNY | -60.00  | -60.00
        other          |    | 2026-03-20 | 2026-03-20 | CNY | 60.00   | 60.00
        """)  # fmt: skip


def test_receivable_settlements_reduce_both_sides(erp: str, staged: Any):
    receipt = {"erp_china": "sk", "erp_global": "receipt-"}[erp]
    assert staged(
        f"{erp}__receivable_settlement", "settlement_date", "receivable_id", "kind", "amount_document_currency",
        "amount_company_currency", "exchange_difference_company_currency",
        order_by="kind = 'note', settlement_date, amount_document_currency desc",
    ) == table(f"""
        2026-01-20 | 1         | payment     | 40.00  | 40.00  | 0.00
        2026-01-28 | 1         | credit_note | 11.30  | 11.30  | 0.00
        2026-01-28 | 2         | credit_note | -11.30 | -11.30 | 0.00
        2026-02-01 | 1         | payment     | 20.00  | 20.00  | 0.00
        2026-02-10 | 3         | payment     | 98.00  | 686.00 | 9.80
        2026-02-10 | 3         | discount    | 2.00   | 14.00  | 0.20
        2026-02-15 | 1         | payment     | 30.00  | 30.00  | 0.00
        2026-02-15 | {receipt}2 | payment     | -30.00 | -30.00 | 0.00
        2026-03-05 | 5         | payment     | 20.00  | 140.00 | 4.00
        2026-03-05 | {receipt}4 | payment     | -20.00 | -144.00 | 0.00
        """) + (erp == "erp_china") * table("""
        2026-03-10 | 1         | note        | 10.00  | 10.00  | 0.00
        2026-03-10 | pj1       | note        | -10.00 | -10.00 | 0.00
        """)  # fmt: skip


def test_payables_and_payments_on_account(erp: str, staged: Any):
    payment = {"erp_china": "fk", "erp_global": "payment-"}[erp]
    assert staged(
        f"{erp}__payable", "kind", "invoice_number", "posting_date", "invoice_date", "due_date",
        "amount_document_currency", "amount_company_currency", order_by="kind = 'other', posting_date",
    ) == table("""
        invoice        | B1 | 2026-01-09 | 2026-01-08 | 2026-02-08 | 10.00  | 70.00
        invoice        | B2 | 2026-01-15 | 2026-01-15 | 2026-02-14 | 56.50  | 56.50
        invoice        | B4 | 2026-02-12 | 2026-02-12 | 2026-03-14 | 10.00  | 70.00
        unapplied_cash |    | 2026-02-20 |            | 2026-02-20 | -30.00 | -30.00
        unapplied_cash |    | 2026-02-21 |            | 2026-02-21 | -10.00 | -73.00
        """) + (erp == "erp_china") * table("""
        other          |    | 2026-01-06 |            | 2026-01-06 | -50.00 | -50.00
        """)  # fmt: skip
    # an offer stands on the invoice, and counts from its date
    assert staged(
        f"{erp}__payable", "invoice_number", "discount_percent::decimal(4, 1)", "discount_date",
        order_by="kind = 'other', posting_date",
    )[:4] == table("""
        B1 | 2.0 | 2026-01-18
        B2 |     |
        B4 |     |
           |     |
        """)  # fmt: skip
    assert staged(
        f"{erp}__payable_settlement", "settlement_date", "payable_id", "amount_document_currency",
        "amount_company_currency", "exchange_difference_company_currency",
        order_by="kind = 'note', settlement_date, amount_document_currency desc",
    ) == table(f"""
        2026-02-09 | 1         | 10.00  | 70.00  | 1.00
        2026-03-01 | 2         | 25.00  | 25.00  | 0.00
        2026-03-01 | {payment}2 | -25.00 | -25.00 | 0.00
        2026-03-02 | 4         | 10.00  | 70.00  | -3.00
        2026-03-02 | {payment}3 | -10.00 | -73.00 | 0.00
        """) + (erp == "erp_china") * table("""
        2026-03-05 | 2         | 20.00  | 20.00  | 0.00
        """)  # fmt: skip


def test_purchase_invoices_and_lines(erp: str, staged: Any):
    assert staged(
        f"{erp}__purchase_invoice", "invoice_number", "reference", "kind", "net_amount_document_currency",
        "tax_amount_document_currency",
    ) == table("""
        B1 | X-77 | invoice | 10.00 | 0.00
        B2 | 0815 | invoice | 50.00 | 6.50
        B4 | X-78 | invoice | 10.00 | 0.00
        """)  # fmt: skip
    assert staged(
        f"{erp}__purchase_invoice_line", "invoice_id", "quantity", "unit_price_document_currency",
        "net_amount_document_currency", "net_amount_company_currency", "tax_amount_company_currency",
    ) == table("""
        1 | 2.000000 | 5.00  | 10.00 | 70.00 | 0.00
        2 | 1.000000 | 50.00 | 50.00 | 50.00 | 6.50
        4 | 2.000000 | 5.00  | 10.00 | 70.00 | 0.00
        """)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "debit", "balances", "balances_with_bills"),
    [
        (
            "receivable",
            1,
            "01-05 113.00, 01-10 813.00, 01-20 773.00, 01-25 761.70, 02-01 711.70, 02-10 11.70, 02-12 151.70, "
            "02-20 7.70, 03-05 11.70",
            "01-05 113.00, 01-08 13.00, 01-09 -47.00, 01-10 653.00, 01-20 613.00, 01-25 601.70, 02-01 551.70, "
            "02-10 -148.30, 02-12 -8.30, 02-20 -152.30, 03-05 -148.30, 03-20 -88.30",
        ),
        (
            "payable",
            -1,
            "01-09 70.00, 01-15 126.50, 02-09 56.50, 02-12 126.50, 02-20 96.50, 02-21 23.50, 03-02 26.50",
            "01-06 -50.00, 01-09 20.00, 01-15 76.50, 02-09 6.50, 02-12 76.50, 02-20 46.50, 02-21 -26.50, "
            "03-02 -23.50, 03-05 -43.50",
        ),
    ],
    ids=["receivable", "payable"],
)
@pytest.mark.parametrize("source", SOURCES)
def test_open_items_equal_the_control_account_on_every_day(
    warehouse: duckdb.DuckDBPyConnection,
    erp: str,
    source: str,
    item: str,
    debit: int,
    balances: str,
    balances_with_bills: str,
):
    """Moves of either side by day, added up; days on which neither changes are left out."""
    balances = balances_with_bills if erp == "erp_china" else balances

    def by_day(moves: str) -> str:
        found = warehouse.execute(
            f"""
            with day as (select day, sum(amount) as amount from ({moves}) group by day having sum(amount) <> 0)
            select strftime(day, '%m-%d') || ' ' || (sum(amount) over (order by day))::decimal(18, 2)::varchar
            from day order by day
            """,
            {"source": source},
        ).fetchall()
        return ", ".join(text for (text,) in found)

    staging = f"staging.stg_{erp}__"
    open_items = by_day(
        f"""
        select posting_date as day, amount_company_currency as amount from {staging}{item} where source_system = $source
        union all
        select settlement_date, -amount_company_currency from {staging}{item}_settlement where source_system = $source
        """
    )
    control_account = by_day(
        f"""
        select line.posting_date as day, {debit} * (debit_company_currency - credit_company_currency) as amount
        from {staging}journal_line as line inner join {staging}account as account using (account_id)
        where account.control = '{item}' and line.source_system = $source
        """
    )
    assert (open_items, control_account) == (balances, balances)


def test_accounts_have_the_class_and_sub_ledger_of_the_contract(erp: str, staged: Any):
    assert sorted(staged(f"{erp}__account", "type", "control"), key=str) == sorted(table("""
        asset     | receivable
        liability | payable
        asset     | bank
        equity    |
        income    |
        expense   |
        """) + (erp == "erp_china") * table("""
        asset     | note_receivable
        liability | note_payable
        """), key=str)  # fmt: skip


def test_bills_and_their_events(staged: Any):
    assert staged("erp_china__note", "note_number", "kind", "direction", "party_id", "maturity_date") == table("""
        N1 | bank_acceptance       | receivable | C1 | 2026-07-05
        N2 | commercial_acceptance | payable    | V1 | 2026-04-06
        N3 | commercial_acceptance | receivable | C2 | 2026-03-20
        """)
    assert staged(
        "erp_china__note_event", "note_event_id", "note_id", "event", "party_id", "account_id",
        "amount_company_currency", "fee_amount_company_currency",
    ) == table("""
        1 | 1 | received    | C1 |        | 100.00 | 0.00
        2 | 1 | discounted  | C1 | A:1002 | 80.00  | 2.50
        3 | 2 | issued      | V1 |        | 50.00  | 0.00
        4 | 2 | matured     | V1 | A:1002 | 50.00  | 0.00
        5 | 1 | endorsed    | V2 |        | 20.00  | 0.00
        6 | 3 | received    | C2 |        | 60.00  | 0.00
        7 | 3 | dishonoured | C2 |        | 60.00  | 0.00
        """)  # fmt: skip


def test_journal_lines_have_debit_or_credit_and_the_party(staged: Any):
    columns = ("entry_number", "account_id", "party_id", "debit_company_currency", "credit_company_currency")
    first_entry_first = "entry_number, debit_company_currency desc"
    assert staged("erp_china__journal_line", *columns, order_by=first_entry_first)[:2] == table("""
        记-1 | A:1122 | C1 | 113.00 | 0.00
        记-1 | A:6001 |    | 0.00   | 113.00
        """)
    assert staged("erp_global__journal_line", *columns, order_by=first_entry_first)[:2] == table("""
        J1 | 11 | 1 | 113.00 | 0.00
        J1 | 15 |   | 0.00   | 113.00
        """)


def test_customers_and_suppliers(staged: Any):
    assert staged("erp_china__customer", "code", "name", "payment_term_days", "channel", "is_active") == table("""
        C1 | 信达电子 | 30 | Distributor | true
        C2 | 恒通贸易 | 30 | Direct      | false
        """)
    assert staged(
        "erp_global__customer", "code", "payment_term_days", "is_active", "credit_limit_company_currency",
        "replaced_by_customer_id",
    ) == table("""
        C1 | 30 | true  | 5000.00 |
        C2 | 30 | false |         | 1
        """)  # fmt: skip
    assert staged("erp_china__supplier", "code", "bank_account_number") == [("V1", "622200001111")]
    # The account in use now, not the one it replaced.
    assert staged("erp_global__supplier", "code", "payment_term_days", "bank_account_number") == table("""
        V1 |    | GB29NWBK60161
        V2 | 30 |
        """)


def test_exchange_rates_are_units_for_one_of_the_base(staged: Any):
    assert staged("erp_china__exchange_rate", "currency", "rate_date", "units_per_base") == [
        ("USD", "2026-01-01", "0.125000000000")
    ]
    assert staged("erp_global__exchange_rate", "currency", "rate_date", "units_per_base") == [
        ("USD", "2026-01-01", "1.250000000000")
    ]


def test_crm_accounts_name_their_salesperson(staged: Any):
    assert staged(
        "crm__crm_account", "customer_code", "name", "region", "channel", "salesperson_id", "salesperson_name",
        order_by="source_key",
    ) == table("""
        C1 | BIRCH LTD | Kent | Online | U1 | Mei Lin
           | Prospect  |      |        | U9 |
        """)  # fmt: skip


def test_an_employee_missing_in_the_newest_file_has_left(staged: Any):
    assert staged("hr_payroll__employee", "employee_id", "name", "department", "is_active") == table("""
        A:1 | Mei Lin | Export | true
        A:2 | Li Wei  | Sales  | false
        """)


def test_payroll_elements_have_their_signs(staged: Any):
    lines = staged("hr_payroll__payroll_line", "employee_id", "pay_date", "element", "amount_company_currency")
    assert [line for line in lines if line[:2] == ("A:2", "2026-01-25")] == table("""
        A:2 | 2026-01-25 | employee_contribution | -84.00
        A:2 | 2026-01-25 | employer_contribution | 224.00
        A:2 | 2026-01-25 | gross                 | 800.00
        A:2 | 2026-01-25 | income_tax            | -48.00
        A:2 | 2026-01-25 | net                   | 668.00
        """)
    assert len(lines) == 3 * 5
