"""The suites, one module per master object. A suite is a table of rules and the columns they need prepared."""

from expectations.suites import (
    account,
    bank_account,
    company,
    crm_account,
    customer,
    employee,
    exchange_rate,
    product,
    supplier,
)
from expectations.suites.suite import Suite

SUITES: dict[str, Suite] = {
    suite.object: suite
    for suite in (
        company.SUITE,
        customer.SUITE,
        supplier.SUITE,
        product.SUITE,
        bank_account.SUITE,
        employee.SUITE,
        account.SUITE,
        exchange_rate.SUITE,
        crm_account.SUITE,
    )
}

__all__ = ["SUITES", "Suite"]
