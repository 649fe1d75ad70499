"""The group's CRM: customers by their ERP number, and who looks after them."""

from __future__ import annotations


def tables() -> dict[str, str]:
    """Table → SELECT over the generator's tables."""
    return {
        "accounts": """select 'A' || lpad((customer + 1)::varchar, 6, '0') as account_id,
            crm_name as account_name, code as erp_customer_number, crm_tax_identifier as tax_id,
            country as country_code, region as territory, channel, segment, salesperson as owner_id, email,
                ts(25 + customer % 30, customer) as modified_at
            from customer where not is_intercompany
            union all
            select 'A9' || lpad(n::varchar, 5, '0'), 'Prospect ' || n || ' Trading', null, null, 'GB',
                'Greater London', 'Direct', 'Small business', 'U101',
                'info@prospect' || n || '.example', ts(1000 + n::integer, n) from range(1, 21) t(n) order by 1""",
        "contracts": """select 'K' || lpad(t.contract::varchar, 5, '0') as contract_id,
            c.code || '-K' || lpad(t.contract::varchar, 5, '0') as contract_number, c.code as company_code,
            k.code as erp_customer_number, d(signed_day) as signed_on, u.code as currency_code,
            m(price) as transaction_price, ts(signed_day, t.contract) as modified_at
            from contract t join company c using (company) join customer k using (customer)
                join currency u on u.currency = t.currency order by 1""",
        "contract_obligations": """select 'K' || lpad(o.contract::varchar, 5, '0') as contract_id,
            item::integer as item_number, title, recognition, m(alone) as stand_alone_price, d(first_day) as starts_on,
            d(last_day) as ends_on, ts(signed_day, o.contract) as modified_at
            from contract_obligation o join contract using (contract) order by 1, 2""",
        "contract_events": """
            with event as (
                select contract, item, kind, day, percent,
                    amount, null as invoice_number from contract_event
                union all
                select b.contract, null, 'BILLING', s.day, null, s.net, s.document_number
                from contract_billing b join sales_document s using (order_id)
            )
            select row_number() over (order by contract, day, kind, item, invoice_number) as event_id,
                'K' || lpad(contract::varchar, 5, '0') as contract_id, item::integer as item_number,
                kind as event_type, d(day) as happened_on, percent::decimal(9, 2) as percent_complete,
                m(amount) as amount, invoice_number, ts(day, contract) as modified_at
            from event order by 1""",
        "users": """select user_id, name as full_name, timestamp '2023-10-02 09:00:00' as modified_at
            from salesperson order by 1""",
    }
