with recursive tax as (
    select * from {{ source('tryton', 'account_tax') }}
),

ancestor as (
    select
        _source,
        id as tax,
        id as ancestor
    from tax
    union all
    select
        ancestor._source,
        ancestor.tax,
        tax.parent as ancestor
    from ancestor
    inner join tax on ancestor.ancestor = tax.id and ancestor._source = tax._source
    where tax.parent is not null
)

select * from ancestor
