"""The manufacturing execution system: work orders, what they should take, and what they took."""

from __future__ import annotations


def tables() -> dict[str, str]:
    """Table → SELECT over the generator's tables."""
    hundredth = "({} * 0.01::decimal(3, 2))::decimal(18, 2)"
    return {
        "work_orders": """select w.work_order as id, 'WO' || lpad(w.work_order::varchar, 7, '0') as work_order_number,
            c.code as company_code, p.code as product_code,
            case when finish_day > 0 then 'finished' else 'released' end as status,
            quantity_planned::decimal(18, 2) as quantity_planned,
            quantity_finished::decimal(18, 2) as quantity_finished,
            d(start_day) as started_on, case when finish_day > 0 then d(finish_day) end as finished_on,
            ts(greatest(start_day, finish_day), w.work_order) as updated_at
            from work_order w join company c using (company) join product p using (product) order by 1""",
        "work_order_standards": f"""select work_order as work_order_id, line::integer as line_number, element,
            p.code as item_code, {hundredth.format("quantity::bigint")} as quantity, m(s.amount) as amount,
            ts(w.start_day, work_order) as updated_at
            from work_order_standard s join work_order w using (work_order) left join product p on p.product = s.product
            order by 1, 2""",
        "material_issues": """select row_number() over (order by i.day, work_order, i.product) as id,
            work_order as work_order_id,
            p.code as item_code, d(i.day) as issued_on, i.quantity::decimal(18, 2) as quantity, m(i.amount) as amount,
            ts(i.day, work_order) as updated_at
            from material_issue i join product p on p.product = i.product order by 1""",
        "time_entries": f"""select row_number() over (order by day, work_order, employee, labour_hours) as id,
            work_order as work_order_id, 'E' || (1001 + employee) as employee_number, d(day) as worked_on,
            {hundredth.format("labour_hours")} as labour_hours, {hundredth.format("machine_hours")} as machine_hours,
            m(amount) as amount, ts(day, work_order) as updated_at
            from time_entry order by 1""",
    }
