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
        "users": """select user_id, name as full_name, timestamp '2023-10-02 09:00:00' as modified_at
            from salesperson order by 1""",
    }
