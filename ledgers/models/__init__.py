"""What moved: invoices and runs, the entries both books read, what is in stock, what is on hold."""

from ledgers.models.entries import Acknowledgement, LedgerEntry, Receipt, purchases_of, sales_of
from ledgers.models.lots import EnterpriseDay, LotHold, LotLink, StockBalance, TradeDelta
from ledgers.models.papers import Invoice, InvoiceLine, ProductionRun, RunInput, RunOutput

__all__ = [
    "Acknowledgement", "EnterpriseDay", "Invoice", "InvoiceLine", "LedgerEntry", "LotHold", "LotLink", "ProductionRun",
    "Receipt", "RunInput", "RunOutput", "StockBalance", "TradeDelta", "purchases_of", "sales_of",
]  # fmt: skip
