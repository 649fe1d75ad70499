"""The canonical business objects: what every operational system is translated into, whatever it calls things.

A staging model ``stg_<system>__<object>`` returns exactly the columns of its object here, in this order, with these
types. The intermediate model ``int_<object>`` unites all systems. Tests compare both with this module.

Rules that hold for every object:

- ``source_system`` is the *name* of the source in company.yml, ``source_key`` the row's own key there (text).
- Every ``*_id`` is ``source_system || ':' || key`` and so is unique over all systems and stable from run to run.
- Money is MONEY. ``_document_currency`` is the currency on the paper, ``_company_currency`` the books' currency.
- Receivables are positive when owed to us, payables positive when owed by us; credits are negative.
- Only what is posted (binding in the books) is an invoice, receivable, payable or journal line; drafts stay in raw.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT = "VARCHAR"
DATE = "DATE"
TIMESTAMP = "TIMESTAMP"
INT = "INTEGER"
BOOL = "BOOLEAN"
MONEY = "DECIMAL(18,4)"
QUANTITY = "DECIMAL(18,6)"
RATE = "DECIMAL(28,12)"


@dataclass(frozen=True)
class Column:
    """One column of a canonical object: its name, DuckDB type, meaning, and whether it may be empty."""

    name: str
    type: str
    meaning: str
    required: bool = True


@dataclass(frozen=True)
class CanonicalObject:
    """A business object: its name, its grain ("One row per …"), its columns; ``key`` is unique over all systems."""

    name: str
    grain: str
    key: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_SOURCE = (
    Column("source_system", TEXT, "name of the source in company.yml"),
    Column("source_key", TEXT, "key of the row in that source"),
)


def _object(name: str, grain: str, key: str, *columns: Column) -> CanonicalObject:
    return CanonicalObject(name, grain, key, columns + _SOURCE)


def _optional(name: str, type_: str, meaning: str) -> Column:
    return Column(name, type_, meaning, required=False)


def _invoice(side: str, party: str) -> tuple[CanonicalObject, CanonicalObject]:
    """Header and line of invoices; ``side`` is sales or purchase, ``party`` customer or supplier."""
    header = _object(
        f"{side}_invoice",
        f"One row per posted {party} invoice or credit note.",
        "invoice_id",
        Column("invoice_id", TEXT, "the invoice"),
        Column("invoice_number", TEXT, "number on the paper"),
        _optional("reference", TEXT, "the other party's number or reference"),
        Column("kind", TEXT, "invoice or credit_note"),
        Column("company_id", TEXT, "our company"),
        Column(f"{party}_id", TEXT, "the other party"),
        Column("invoice_date", DATE, "date on the paper"),
        Column("document_currency", TEXT, "ISO 4217"),
        Column("net_amount_document_currency", MONEY, "header total before tax; credit notes negative"),
        Column("tax_amount_document_currency", MONEY, "header tax"),
        _optional("is_disputed", BOOL, "the other party contests it"),
    )
    sales_only = (
        _optional("cost_amount_company_currency", MONEY, "cost of what was sold; negative on returns"),
        _optional("region", TEXT, "region sold to, when the document knows it"),
        _optional("channel", TEXT, "sales channel, when the document knows it"),
        _optional("salesperson_id", TEXT, "who sold it"),
    )
    line = _object(
        f"{side}_invoice_line",
        f"One row per line of a posted {party} invoice or credit note.",
        "invoice_line_id",
        Column("invoice_line_id", TEXT, "the line"),
        Column("invoice_id", TEXT, "its invoice"),
        Column("company_id", TEXT, "our company"),
        _optional("product_id", TEXT, "what; empty for free-text lines"),
        _optional("description", TEXT, "text of the line"),
        _optional("account_id", TEXT, "revenue or expense account"),
        Column("quantity", QUANTITY, "negative on credit notes"),
        _optional("unit_price_document_currency", QUANTITY, "price per unit before tax"),
        Column("net_amount_document_currency", MONEY, "before tax; credit notes negative"),
        Column("tax_amount_document_currency", MONEY, "tax; the lines of an invoice add up to the header's tax"),
        Column("net_amount_company_currency", MONEY, "as posted in the books"),
        Column("tax_amount_company_currency", MONEY, "as posted in the books"),
        _optional("tax_rate", RATE, "share of the net amount, 0.13 is 13 %; of several taxes their sum; 0 is untaxed"),
        _optional("tax_account_id", TEXT, "ledger account the tax is posted on"),
        _optional("order_line_id", TEXT, "order line it bills"),
        *(sales_only if side == "sales" else ()),
    )
    return header, line


def _open_item(item: str, party: str) -> tuple[CanonicalObject, CanonicalObject]:
    """Open item and its settlements; ``item`` is receivable or payable."""
    payable_only = (
        _optional("discount_percent", MONEY, "2 is 2 %: offered for paying by discount_date, whether taken or not"),
        _optional("discount_date", DATE, "last day on which the discount is granted"),
    )
    head = _object(
        item,
        f"One row per {item}: an instalment of an invoice, a credit note, or money not yet applied (both negative).",
        f"{item}_id",
        Column(f"{item}_id", TEXT, "the open item"),
        Column(
            "kind",
            TEXT,
            "invoice, credit_note, unapplied_cash, or other: a manual entry on the control account, a bill not yet "
            "applied (negative) or not honoured",
        ),
        _optional("invoice_id", TEXT, "its invoice; empty for unapplied cash and other"),
        _optional("invoice_number", TEXT, "number on the paper"),
        Column("company_id", TEXT, "our company"),
        _optional(f"{party}_id", TEXT, "the other party"),
        _optional("account_id", TEXT, "control account it is booked on"),
        Column("posting_date", DATE, "open from the end of this day"),
        _optional("invoice_date", DATE, "date on the paper"),
        Column("due_date", DATE, "posting_date where the document names none"),
        Column("document_currency", TEXT, "ISO 4217"),
        Column("amount_document_currency", MONEY, "original amount"),
        Column("amount_company_currency", MONEY, "original amount as booked"),
        _optional("is_disputed", BOOL, "the other party contests it"),
        *(payable_only if item == "payable" else ()),
    )
    settlement = _object(
        f"{item}_settlement",
        f"One row per share of a receipt, payment or credit note applied to a {item}.",
        f"{item}_settlement_id",
        Column(f"{item}_settlement_id", TEXT, "the application"),
        Column(f"{item}_id", TEXT, "what it reduces"),
        Column("company_id", TEXT, "our company"),
        Column("kind", TEXT, "payment, note (a bill), credit_note, write_off, discount, other"),
        Column("settlement_date", DATE, "reduces the open amount from the end of this day"),
        Column("amount_document_currency", MONEY, "same sign as the item it reduces"),
        Column("amount_company_currency", MONEY, "at the item's booked rate: open company amount falls by this"),
        Column("exchange_difference_company_currency", MONEY, "realised; positive is a gain"),
        _optional(
            "payment_id", TEXT, "receipt or payment it is a share of; empty for notes, discounts and write-offs alone"
        ),
    )
    return head, settlement


def _order(side: str, party: str, movement: str, number: str, date: str) -> tuple[CanonicalObject, CanonicalObject]:
    """Order line, with what it needs of its header, and line of the goods moved for it; ``side`` as for invoices."""
    purchase_only = (
        _optional("requested_by", TEXT, "who asked for it"),
        _optional("approved_by", TEXT, "who released it"),
        _optional("approved_at", TIMESTAMP, "when it was released"),
    )
    line = _object(
        f"{side}_order_line",
        f"One row per line of a confirmed {side} order.",
        "order_line_id",
        Column("order_line_id", TEXT, "the line"),
        Column("order_id", TEXT, "its order"),
        Column("order_number", TEXT, "number people use"),
        Column("company_id", TEXT, "our company"),
        _optional(f"{party}_id", TEXT, "the other party"),
        _optional("product_id", TEXT, "what; empty for free-text lines"),
        Column("is_service", BOOL, "nothing is shipped or received for it"),
        Column("order_date", DATE, "date of the order"),
        _optional("promised_date", DATE, "day the goods are promised for"),
        Column("document_currency", TEXT, "ISO 4217"),
        Column("quantity", QUANTITY, "ordered; negative on orders to return goods"),
        Column("unit_price_document_currency", QUANTITY, "price per unit before tax"),
        Column("net_amount_document_currency", MONEY, "before tax"),
        *(purchase_only if side == "purchase" else ()),
    )
    moved = _object(
        f"{movement}_line",
        f"One row per line of a {movement.replace('_', ' ')}.",
        f"{movement}_line_id",
        Column(f"{movement}_line_id", TEXT, "the line"),
        Column(f"{movement}_id", TEXT, "its document"),
        _optional(number, TEXT, "number on the document"),
        Column("order_line_id", TEXT, "order line it fulfils"),
        Column("company_id", TEXT, "our company"),
        _optional("product_id", TEXT, "what"),
        Column(date, DATE, "day the goods moved"),
        Column("quantity", QUANTITY, "in the unit of the order line; negative where goods went back"),
    )
    return line, moved


COMPANY = _object(
    "company",
    "One row per legal entity of the group.",
    "company_id",
    Column("company_id", TEXT, "the company"),
    _optional("code", TEXT, "short code, shared with other systems (bank, CRM, HR)"),
    Column("name", TEXT, "registered name"),
    Column("currency", TEXT, "currency of its books, ISO 4217"),
    _optional("country", TEXT, "ISO 3166 alpha-2"),
    _optional("tax_identifier", TEXT, "VAT number, 统一社会信用代码, EIN, …"),
    _optional("rate_decimals", INT, "decimals to which its books round a rate of exchange; empty: they do not"),
)
FISCAL_PERIOD = _object(
    "fiscal_period",
    "One row per ordinary accounting period of a company (adjustment periods excluded).",
    "fiscal_period_id",
    Column("fiscal_period_id", TEXT, "the period"),
    Column("company_id", TEXT, "our company"),
    Column("fiscal_year", TEXT, "label of the year"),
    Column("fiscal_period", INT, "1 is the first of the year"),
    Column("start_date", DATE, "first day, inclusive"),
    Column("end_date", DATE, "last day, inclusive"),
    Column("is_closed", BOOL, "no more postings"),
)
EXCHANGE_RATE = _object(
    "exchange_rate",
    "One row per currency, type of rate and day: spot rates hold from it, the others are of the month it lies in.",
    "exchange_rate_id",
    Column("exchange_rate_id", TEXT, "the rate"),
    Column("currency", TEXT, "ISO 4217"),
    Column("rate_type", TEXT, "spot, month_end or average; spot where a source has one kind"),
    Column("rate_date", DATE, "a spot rate holds from this day until the next; others are of the month it lies in"),
    Column("units_per_base", RATE, "units of the currency for one unit of the source's base currency"),
)
ACCOUNT = _object(
    "account",
    "One row per general-ledger account of a company.",
    "account_id",
    Column("account_id", TEXT, "the account"),
    Column("company_id", TEXT, "our company"),
    Column("code", TEXT, "number in the chart"),
    Column("name", TEXT, "name in the chart"),
    Column("type", TEXT, "asset, liability, equity, income, expense"),
    _optional(
        "control",
        TEXT,
        "receivable, payable or bank where the account is kept by that sub-ledger, note_receivable or note_payable "
        "where by the register of bills and notes; realised_exchange (where they are two, realised_exchange_gain and "
        "realised_exchange_loss) or unrealised_exchange where it takes up such differences; else empty",
    ),
    _optional(
        "purpose",
        TEXT,
        "its line in the statements: cash, receivable, inventory, fixed_asset, payable, tax, loan, equity, "
        "retained_earnings, revenue, cost_of_sales, operating_expense, depreciation, interest, income_tax, "
        "exchange_difference, other",
    ),
)
_CHANGED_AT = _optional("changed_at", TIMESTAMP, "last change at the source")
_PARTY = (
    Column("code", TEXT, "number people use"),
    Column("name", TEXT, "registered name"),
    _optional("tax_identifier", TEXT, "VAT number, 统一社会信用代码, …"),
    _optional("country", TEXT, "ISO 3166 alpha-2"),
    _optional("region", TEXT, "state, province or sales region"),
    _optional("city", TEXT, "city"),
    _optional("email", TEXT, "for statements and dunning"),
    _optional("currency", TEXT, "usual currency, ISO 4217"),
    _optional("payment_term_days", INT, "days from invoice to due date"),
    Column("is_active", BOOL, "may be used in new documents"),
    _CHANGED_AT,
)
CUSTOMER = _object(
    "customer",
    "One row per customer record of a source.",
    "customer_id",
    Column("customer_id", TEXT, "the customer record"),
    *_PARTY,
    _optional("credit_limit_company_currency", MONEY, "the most it may owe"),
    _optional("channel", TEXT, "sales channel"),
    _optional("segment", TEXT, "customer segment"),
    _optional("salesperson_id", TEXT, "who looks after it"),
    _optional("replaced_by_customer_id", TEXT, "record that took over, when merged at the source"),
)
SUPPLIER = _object(
    "supplier",
    "One row per supplier record of a source.",
    "supplier_id",
    Column("supplier_id", TEXT, "the supplier record"),
    *_PARTY,
    _optional("bank_account_number", TEXT, "IBAN or domestic number payments go to"),
    _optional("replaced_by_supplier_id", TEXT, "record that took over, when merged at the source"),
)
SUPPLIER_ACCOUNT_CHANGE = _object(
    "supplier_account_change",
    "One row per time that the bank account a supplier is paid to was changed.",
    "supplier_account_change_id",
    Column("supplier_account_change_id", TEXT, "the change"),
    Column("supplier_id", TEXT, "the supplier record"),
    Column("changed_date", DATE, "day of the change"),
    _optional("old_account_number", TEXT, "IBAN or domestic number before, without spaces"),
    Column("new_account_number", TEXT, "IBAN or domestic number since, without spaces"),
    _optional("changed_by", TEXT, "who changed it, as the source says"),
)
PRODUCT = _object(
    "product",
    "One row per product record of a source.",
    "product_id",
    Column("product_id", TEXT, "the product record"),
    Column("code", TEXT, "article number"),
    Column("name", TEXT, "name"),
    _optional("category", TEXT, "product category"),
    _optional("unit", TEXT, "unit of measure"),
    _optional("list_price", QUANTITY, "list price in the source's currency"),
    _optional("cost_price", QUANTITY, "standard cost in the source's currency"),
    Column("is_active", BOOL, "may be sold"),
)
BANK_ACCOUNT = _object(
    "bank_account",
    "One row per own bank account of a company.",
    "bank_account_id",
    Column("bank_account_id", TEXT, "the account"),
    Column("company_id", TEXT, "our company"),
    Column("name", TEXT, "what people call it"),
    Column("currency", TEXT, "ISO 4217"),
    _optional("iban", TEXT, "IBAN or domestic number, as banks print it, without spaces"),
    _optional("account_id", TEXT, "ledger account that follows it"),
)
BANK_STATEMENT = _object(
    "bank_statement",
    "One row per bank statement.",
    "bank_statement_id",
    Column("bank_statement_id", TEXT, "the statement"),
    _optional("bank_account_id", TEXT, "own account, when the source knows it"),
    _optional("iban", TEXT, "account number on the statement, else found by it"),
    Column("statement_number", TEXT, "number given by the bank"),
    Column("statement_date", DATE, "closing date"),
    Column("currency", TEXT, "ISO 4217"),
    Column("opening_balance_bank_currency", MONEY, "negative is overdrawn"),
    Column("closing_balance_bank_currency", MONEY, "opening plus movements"),
    _optional("statement_file", TEXT, "file it came in, where it came in one"),
)
BANK_STATEMENT_FILE = _object(
    "bank_statement_file",
    "One row per file of bank statements, read or rejected.",
    "bank_statement_file_id",
    Column("bank_statement_file_id", TEXT, "the file"),
    Column("statement_file", TEXT, "its name in the folder of the source"),
    Column("state", TEXT, "received, repeated (all of it came before) or rejected as a whole"),
    Column("statement_count", INT, "statements in it"),
    Column("entry_count", INT, "lines of its statements"),
    _optional("first_date", DATE, "first day it tells of"),
    _optional("last_date", DATE, "last closing date"),
    _optional("line_number", INT, "line of the file that it was rejected for"),
    _optional("reason", TEXT, "why it was rejected or counts as repeated, and what to do"),
)
BANK_MOVEMENT = _object(
    "bank_movement",
    "One row per line of a bank statement.",
    "bank_movement_id",
    Column("bank_movement_id", TEXT, "the line"),
    Column("bank_statement_id", TEXT, "its statement"),
    Column("value_date", DATE, "day the money moves"),
    Column("booking_date", DATE, "day the bank books it"),
    Column("currency", TEXT, "ISO 4217"),
    Column("amount_bank_currency", MONEY, "positive is money in"),
    _optional("counterparty_name", TEXT, "as the bank has it"),
    _optional("counterparty_account", TEXT, "as the bank has it"),
    _optional("reference", TEXT, "remittance information"),
    _optional("matched_status", TEXT, "matched or unmatched where the source already applied it, else empty"),
    _optional("account_id", TEXT, "ledger account of its other side, where the source books by statement line"),
)
JOURNAL_LINE = _object(
    "journal_line",
    "One row per debit or credit of a posted entry.",
    "journal_line_id",
    Column("journal_line_id", TEXT, "the line"),
    Column("journal_entry_id", TEXT, "its entry"),
    Column("entry_number", TEXT, "voucher number"),
    Column("company_id", TEXT, "our company"),
    Column("account_id", TEXT, "the account"),
    Column("posting_date", DATE, "date in the books"),
    _optional("party_id", TEXT, "customer_id or supplier_id"),
    Column("debit_company_currency", MONEY, "0 when credit"),
    Column("credit_company_currency", MONEY, "0 when debit"),
    _optional("description", TEXT, "text of the line"),
    _optional(
        "document_type",
        TEXT,
        "kind of business document that the entry posts: sales_invoice, purchase_invoice, payment, "
        "receivable_settlement, payable_settlement, payroll, note_event; empty for an entry of its own",
    ),
    _optional("document_id", TEXT, "the document: its id in the contract; for payroll company code and pay date"),
)
PAYMENT = _object(
    "payment",
    "One row per receipt from a customer or payment to a supplier.",
    "payment_id",
    Column("payment_id", TEXT, "the receipt or payment"),
    Column("payment_number", TEXT, "number people use"),
    Column("direction", TEXT, "received or paid"),
    Column("company_id", TEXT, "our company"),
    _optional("party_id", TEXT, "customer_id or supplier_id"),
    Column("payment_date", DATE, "in the books from this day"),
    _optional("account_id", TEXT, "ledger account the money is on"),
    _optional("control_account_id", TEXT, "ledger account of the open items it pays, where the source says"),
    Column("document_currency", TEXT, "ISO 4217"),
    Column("amount_document_currency", MONEY, "what is credited to the customer or charged to the supplier; positive"),
    Column("amount_company_currency", MONEY, "the same at the rate of its day"),
    Column("fee_amount_company_currency", MONEY, "what the bank kept of it"),
)
GOODS_POSTING = _object(
    "goods_posting",
    "One row per value of goods that the source keeps in its books: goods moved, or billed where cost follows that.",
    "goods_posting_id",
    Column("goods_posting_id", TEXT, "the value"),
    Column("document_type", TEXT, "shipment_line, goods_receipt_line, goods_move, sales_invoice or purchase_invoice"),
    Column("document_id", TEXT, "the document: its id in the contract"),
    Column("company_id", TEXT, "our company"),
    Column("posting_date", DATE, "in the books from this day"),
    _optional("product_id", TEXT, "what"),
    Column("goods_account_id", TEXT, "ledger account the goods stand on, or that clears deliveries and receipts"),
    Column("other_account_id", TEXT, "ledger account of the other side"),
    _optional("variance_account_id", TEXT, "ledger account of what the two sides differ by"),
    Column("goods_amount_company_currency", MONEY, "put on the account of goods; negative is taken off"),
    Column("other_amount_company_currency", MONEY, "taken off the other side; negative is put on it"),
)
CRM_ACCOUNT = _object(
    "crm_account",
    "One row per customer as the CRM knows it.",
    "crm_account_id",
    Column("crm_account_id", TEXT, "the CRM record"),
    _optional("customer_code", TEXT, "customer number in the ERP; empty for prospects"),
    Column("name", TEXT, "name"),
    _optional("tax_identifier", TEXT, "tax identifier"),
    _optional("country", TEXT, "ISO 3166 alpha-2"),
    _optional("region", TEXT, "sales region"),
    _optional("channel", TEXT, "sales channel"),
    _optional("segment", TEXT, "segment"),
    _optional("salesperson_id", TEXT, "who looks after it"),
    _optional("salesperson_name", TEXT, "name of the salesperson"),
    _optional("email", TEXT, "contact"),
    _CHANGED_AT,
)
EMPLOYEE = _object(
    "employee",
    "One row per employee.",
    "employee_id",
    Column("employee_id", TEXT, "the employee"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("name", TEXT, "name"),
    _optional("department", TEXT, "department"),
    _optional("bank_account_number", TEXT, "account the salary goes to"),
    Column("is_active", BOOL, "employed at the last file"),
)
PAYROLL_LINE = _object(
    "payroll_line",
    "One row per employee, pay period and pay element.",
    "payroll_line_id",
    Column("payroll_line_id", TEXT, "the line"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("employee_id", TEXT, "the employee"),
    Column("pay_date", DATE, "day the money leaves"),
    Column("element", TEXT, "gross, employer_contribution, income_tax, employee_contribution, net"),
    Column("currency", TEXT, "ISO 4217"),
    Column("amount_company_currency", MONEY, "positive is cost; deductions negative; net is what is paid"),
)
TAX_DECLARATION = _object(
    "tax_declaration",
    "One row per company, period, direction and rate of a filed value added tax return.",
    "tax_declaration_id",
    Column("tax_declaration_id", TEXT, "the line of the return"),
    Column("company_id", TEXT, "our company"),
    Column("period_start", DATE, "first day declared for"),
    Column("period_end", DATE, "last day declared for, inclusive"),
    Column("direction", TEXT, "output (on sales) or input (on purchases)"),
    Column("tax_rate", RATE, "share of the base, 0.13 is 13 %"),
    Column("base_amount_company_currency", MONEY, "declared base, before tax"),
    Column("tax_amount_company_currency", MONEY, "declared tax"),
    _optional("filed_date", DATE, "day it was filed"),
)
CONTRACT = _object(
    "contract",
    "One row per contract with a customer whose revenue is recognised by performance obligation.",
    "contract_id",
    Column("contract_id", TEXT, "the contract"),
    Column("contract_number", TEXT, "number on the paper"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    _optional("customer_code", TEXT, "number of the customer in the ERP"),
    Column("signed_date", DATE, "in force from this day"),
    Column("document_currency", TEXT, "ISO 4217"),
    Column("transaction_price_document_currency", MONEY, "price agreed for all obligations, before tax"),
)
CONTRACT_OBLIGATION = _object(
    "contract_obligation",
    "One row per performance obligation of a contract.",
    "contract_obligation_id",
    Column("contract_obligation_id", TEXT, "the obligation"),
    Column("contract_id", TEXT, "its contract"),
    Column("name", TEXT, "what is promised"),
    Column("pattern", TEXT, "point_in_time (at delivery), straight_line (by day) or progress (by share of completion)"),
    Column("stand_alone_selling_price_document_currency", MONEY, "what it would be sold for alone"),
    Column("start_date", DATE, "first day of performance"),
    Column("end_date", DATE, "last day of performance, inclusive"),
)
CONTRACT_EVENT = _object(
    "contract_event",
    "One row per delivery, progress report, modification or billing of a contract.",
    "contract_event_id",
    Column("contract_event_id", TEXT, "the event"),
    Column("contract_id", TEXT, "its contract"),
    _optional("contract_obligation_id", TEXT, "obligation that was delivered or made progress"),
    Column("kind", TEXT, "delivery, progress, modification (of the price) or billing"),
    Column("event_date", DATE, "day it counts from"),
    _optional("progress_share", RATE, "share completed so far, 1 is all of it"),
    _optional("amount_document_currency", MONEY, "change of the price, or net amount billed"),
    _optional("invoice_number", TEXT, "invoice of a billing"),
)
WORK_ORDER = _object(
    "work_order",
    "One row per released work order.",
    "work_order_id",
    Column("work_order_id", TEXT, "the work order"),
    Column("work_order_number", TEXT, "number people use"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    _optional("product_code", TEXT, "article made, as in product.code of the company's ERP"),
    Column("status", TEXT, "released, finished, closed"),
    Column("quantity_planned", QUANTITY, "pieces to be made"),
    Column("quantity_finished", QUANTITY, "good pieces made so far"),
    Column("start_date", DATE, "first day of work"),
    _optional("finished_date", DATE, "day it was finished"),
)
WORK_ORDER_COST = _object(
    "work_order_cost",
    "One row per planned or actual cost of a work order: material taken, labour and machine hours worked.",
    "work_order_cost_id",
    Column("work_order_cost_id", TEXT, "the cost"),
    Column("work_order_id", TEXT, "what it was spent on"),
    Column("kind", TEXT, "actual, or planned (by bill of material and routing)"),
    Column("element", TEXT, "material, labour, or machine: hours that carry no money, by which overhead is allocated"),
    Column("posting_date", DATE, "day it was spent; of what is planned, the day the work order starts"),
    _optional("item_code", TEXT, "article taken"),
    Column("quantity", QUANTITY, "pieces of material, hours of labour and machines"),
    Column("amount_company_currency", MONEY, "its cost, without overhead"),
)
COST_ACCOUNT = _object(
    "cost_account",
    "One row per ledger account that holds cost of production or of staff, and day from which it does.",
    "cost_account_id",
    Column("cost_account_id", TEXT, "the assignment"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("account_code", TEXT, "number in the chart, as in account.code"),
    Column(
        "valid_from", DATE, "holds for periods that start on this day or later, until the account's next assignment"
    ),
    Column("element", TEXT, "material, labour, overhead, payroll, expense_claim (owed to employees), or none any more"),
    _optional("pool", TEXT, "cost pool, where the element is overhead"),
)
BUDGET_LINE = _object(
    "budget_line",
    "One row per company, account, cost centre and month of the budget.",
    "budget_line_id",
    Column("budget_line_id", TEXT, "the line"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("account_code", TEXT, "number in the chart, as in account.code"),
    _optional("cost_centre", TEXT, "who answers for it"),
    Column("budget_month", DATE, "any day of the month"),
    Column("amount_company_currency", MONEY, "income and expense both positive"),
    _optional("quantity", QUANTITY, "pieces the amount was planned for, where it was planned by price and volume"),
)
CAPITAL_PROJECT = _object(
    "capital_project",
    "One row per capital project.",
    "capital_project_id",
    Column("capital_project_id", TEXT, "the project"),
    Column("project_number", TEXT, "number people use"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("name", TEXT, "what it is"),
    Column("approved_date", DATE, "day it was decided; its discount rate is that of this day"),
)
CAPITAL_PROJECT_CASH_FLOW = _object(
    "capital_project_cash_flow",
    "One row per planned or actual cash flow of a capital project and period.",
    "capital_project_cash_flow_id",
    Column("capital_project_cash_flow_id", TEXT, "the flow"),
    Column("capital_project_id", TEXT, "the project"),
    Column("kind", TEXT, "planned, as approved, or actual"),
    Column("flow_date", DATE, "any day of the month"),
    Column("amount_company_currency", MONEY, "money out is negative"),
)
APPROVAL_LIMIT = _object(
    "approval_limit",
    "One row per company, type of document, role and day from which the role approves up to an amount.",
    "approval_limit_id",
    Column("approval_limit_id", TEXT, "the rule"),
    Column("company_code", TEXT, "as in company.code; all: every company without a rule of its own"),
    Column("document_type", TEXT, "purchase_order"),
    Column("role", TEXT, "who may approve"),
    Column("valid_from", DATE, "first day"),
    Column("valid_to", DATE, "last day"),
    _optional("amount_limit_company_currency", MONEY, "approves amounts below it, before tax; empty: without limit"),
    Column("split_share", QUANTITY, "documents from this share of the limit on count as near it"),
    Column("split_days", INT, "days within which such documents of one need are parts of one"),
)
APPROVER = _object(
    "approver",
    "One row per company, user, role and day from which the user holds the role.",
    "approver_id",
    Column("approver_id", TEXT, "the assignment"),
    Column("company_code", TEXT, "code of the company, as in company.code; or all"),
    Column("user_name", TEXT, "as the ERP writes who approved"),
    Column("role", TEXT, "the role"),
    Column("valid_from", DATE, "first day"),
    Column("valid_to", DATE, "last day"),
)
EXPENSE_CLAIM_LINE = _object(
    "expense_claim_line",
    "One row per line of an expense claim.",
    "expense_claim_line_id",
    Column("expense_claim_line_id", TEXT, "the line"),
    Column("claim_number", TEXT, "number of the claim"),
    Column("company_code", TEXT, "code of the company, as in company.code"),
    Column("employee_id", TEXT, "the employee"),
    Column("expense_date", DATE, "day it was spent"),
    _optional("category", TEXT, "what for"),
    Column("currency", TEXT, "ISO 4217"),
    Column("amount_company_currency", MONEY, "what is claimed"),
    Column("submitted_date", DATE, "day it was handed in"),
    _optional("approved_date", DATE, "owed to the employee from the end of this day"),
    _optional("rejected_date", DATE, "day it was refused"),
    _optional("paid_date", DATE, "day the money leaves"),
)
NOTE = _object(
    "note",
    "One row per bill or note (票据) received from a customer or issued to a supplier.",
    "note_id",
    Column("note_id", TEXT, "the bill or note"),
    Column("note_number", TEXT, "number on the paper"),
    Column("kind", TEXT, "bank_acceptance or commercial_acceptance: who has promised to pay it"),
    Column("direction", TEXT, "receivable or payable"),
    Column("company_id", TEXT, "our company"),
    _optional("party_id", TEXT, "customer_id whom it came from or supplier_id whom it was issued to"),
    _optional("drawer", TEXT, "who drew it (出票人)"),
    Column("document_currency", TEXT, "ISO 4217"),
    Column("amount_document_currency", MONEY, "what is paid at maturity; positive"),
    Column("issue_date", DATE, "day it was drawn"),
    Column("maturity_date", DATE, "day it is to be paid"),
)
NOTE_EVENT = _object(
    "note_event",
    "One row per event in the life of a bill or note, whole or in part.",
    "note_event_id",
    Column("note_event_id", TEXT, "the event"),
    Column("note_id", TEXT, "the bill or note"),
    Column("company_id", TEXT, "our company"),
    Column("event", TEXT, "received, issued, endorsed, discounted, matured or dishonoured"),
    Column("event_date", DATE, "in the books from this day"),
    _optional("party_id", TEXT, "who gave, took, owes or is owed: the supplier where it was endorsed, else the note's"),
    _optional("account_id", TEXT, "ledger account of the bank on which discounting or maturity moved money"),
    Column(
        "amount_document_currency",
        MONEY,
        "what the event puts on the account of notes (received, issued) or takes off it (the others), positive; zero "
        "when a note that is no longer held is dishonoured",
    ),
    Column("amount_company_currency", MONEY, "the same in the books"),
    Column("fee_amount_company_currency", MONEY, "interest and charges the bank kept when it discounted the note"),
)
SALES_INVOICE, SALES_INVOICE_LINE = _invoice("sales", "customer")
PURCHASE_INVOICE, PURCHASE_INVOICE_LINE = _invoice("purchase", "supplier")
SALES_ORDER_LINE, SHIPMENT_LINE = _order("sales", "customer", "shipment", "shipment_number", "shipment_date")
PURCHASE_ORDER_LINE, GOODS_RECEIPT_LINE = _order(
    "purchase", "supplier", "goods_receipt", "receipt_number", "receipt_date"
)
RECEIVABLE, RECEIVABLE_SETTLEMENT = _open_item("receivable", "customer")
PAYABLE, PAYABLE_SETTLEMENT = _open_item("payable", "supplier")

OBJECTS: dict[str, CanonicalObject] = {
    o.name: o
    for o in (
        COMPANY, FISCAL_PERIOD, EXCHANGE_RATE, ACCOUNT, CUSTOMER, SUPPLIER, PRODUCT, BANK_ACCOUNT, CRM_ACCOUNT,
        SUPPLIER_ACCOUNT_CHANGE, EMPLOYEE, SALES_INVOICE, SALES_INVOICE_LINE, RECEIVABLE, RECEIVABLE_SETTLEMENT,
        PURCHASE_INVOICE, PURCHASE_INVOICE_LINE, PAYABLE, PAYABLE_SETTLEMENT, BANK_STATEMENT, BANK_STATEMENT_FILE,
        BANK_MOVEMENT,
        JOURNAL_LINE, PAYROLL_LINE, SALES_ORDER_LINE, SHIPMENT_LINE, PURCHASE_ORDER_LINE, GOODS_RECEIPT_LINE, PAYMENT,
        GOODS_POSTING, CONTRACT, CONTRACT_OBLIGATION, CONTRACT_EVENT, TAX_DECLARATION, WORK_ORDER, WORK_ORDER_COST,
        COST_ACCOUNT, BUDGET_LINE, EXPENSE_CLAIM_LINE, CAPITAL_PROJECT, CAPITAL_PROJECT_CASH_FLOW, NOTE, NOTE_EVENT,
        APPROVAL_LIMIT, APPROVER,
    )
}  # fmt: skip
