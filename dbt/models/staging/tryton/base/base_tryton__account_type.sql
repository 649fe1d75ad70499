with recursive account_type as (
    select
        _source,
        id,
        parent,
        company,
        sequence,
        statement,
        coalesce(receivable, false) as receivable,
        coalesce(payable, false) as payable,
        coalesce(assets, false) as assets,
        coalesce(debt, false) as debt,
        coalesce(stock, false) as stock,
        coalesce(revenue, false) as revenue,
        coalesce(expense, false) as expense
    from {{ source('tryton', 'account_account_type') }}
),

-- Each type with those above it in the same statement, itself at distance 0.
ancestor as (
    select
        _source,
        id,
        id as ancestor,
        0 as distance,
        statement
    from account_type
    union all
    select
        ancestor._source,
        ancestor.id,
        parent.id as ancestor,
        ancestor.distance + 1 as distance,
        ancestor.statement
    from ancestor
    inner join account_type as self on ancestor.ancestor = self.id and ancestor._source = self._source
    inner join account_type as parent
        on self.parent = parent.id and self._source = parent._source and ancestor.statement = parent.statement
),

subtree as (
    select
        ancestor._source,
        ancestor.ancestor as id,
        bool_or(account_type.receivable) as has_receivable,
        bool_or(
            account_type.receivable or account_type.payable or account_type.assets
            or account_type.debt or account_type.stock
        ) as has_flag,
        bool_or(account_type.revenue) as has_revenue,
        bool_or(account_type.expense or account_type.stock) as has_expense
    from ancestor
    inner join account_type on ancestor.id = account_type.id and ancestor._source = account_type._source
    group by ancestor._source, ancestor.ancestor
),

top as (
    select
        _source,
        id,
        ancestor as top,
        distance as depth
    from ancestor
    qualify row_number() over (partition by _source, id order by distance desc) = 1
),

-- Equity has no flag. It is the first branch of the balance sheet, at the top or right under it, of which no type is
-- flagged as receivable, payable, asset, debt or stock, and which is not on the side that holds the receivables.
equity_branch as (
    select
        account_type._source,
        account_type.id
    from account_type
    inner join top on account_type.id = top.id and account_type._source = top._source
    inner join subtree on account_type.id = subtree.id and account_type._source = subtree._source
    inner join subtree as top_subtree on top.top = top_subtree.id and top._source = top_subtree._source
    where
        account_type.statement = 'balance'
        and top.depth <= 1
        and not subtree.has_flag
        and not top_subtree.has_receivable
    qualify row_number() over (
        partition by account_type._source, account_type.company
        order by top.depth, account_type.sequence nulls last, account_type.id
    ) = 1
),

equity as (
    select distinct
        ancestor._source,
        ancestor.id
    from ancestor
    inner join equity_branch on ancestor.ancestor = equity_branch.id and ancestor._source = equity_branch._source
),

-- Of the branches a type of the income statement is in, the smallest that is all revenue or all expense.
income_branch as (
    select
        ancestor._source,
        ancestor.id,
        subtree.has_revenue
    from ancestor
    inner join subtree on ancestor.ancestor = subtree.id and ancestor._source = subtree._source
    where ancestor.statement = 'income' and subtree.has_revenue <> subtree.has_expense
    qualify row_number() over (partition by ancestor._source, ancestor.id order by ancestor.distance) = 1
),

posted_balance as (
    select
        account._source,
        account.type as id,
        sum(move_line.debit - move_line.credit) as balance
    from {{ source('tryton', 'account_move_line') }} as move_line
    inner join {{ source('tryton', 'account_account') }} as account
        on move_line.account = account.id and move_line._source = account._source
    group by account._source, account.type
)

select
    account_type._source,
    account_type.id as account_type,
    case
        when account_type.statement = 'income'
            then
                case
                    when account_type.revenue then 'income'
                    when account_type.expense or account_type.stock then 'expense'
                    when income_branch.has_revenue then 'income'
                    when not income_branch.has_revenue then 'expense'
                    when posted_balance.balance < 0 then 'income'
                    else 'expense'
                end
        when account_type.payable then 'liability'
        when account_type.receivable or account_type.assets then 'asset'
        when top_subtree.has_receivable then 'asset'
        when equity.id is not null then 'equity'
        else 'liability'
    end as account_class
from account_type
inner join top on account_type.id = top.id and account_type._source = top._source
inner join subtree as top_subtree on top.top = top_subtree.id and top._source = top_subtree._source
left join equity on account_type.id = equity.id and account_type._source = equity._source
left join income_branch on account_type.id = income_branch.id and account_type._source = income_branch._source
left join posted_balance on account_type.id = posted_balance.id and account_type._source = posted_balance._source
