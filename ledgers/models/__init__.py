"""What moved: invoices, runs and stock papers, the entries both books read, what is in stock, what is on hold."""

from ledgers.models.corrections import CorrectionProposal, PriceCorrection, corrected_price
from ledgers.models.entries import Acknowledgement, LedgerEntry, purchases_of, sales_of
from ledgers.models.lots import EnterpriseDay, LotHold, LotLink, StockBalance, StockState, TradeDelta
from ledgers.models.openings import TraceOpening
from ledgers.models.papers import Invoice, InvoiceLine, ProductionRun, RunInput, RunOutput
from ledgers.models.receipts import ClaimSettlement, Receipt, ReceiptClaim, ReceiptPhoto
from ledgers.models.retention import RetentionYear
from ledgers.models.stock_papers import StockPaper, StockPaperLine, StockPaperPhoto
from ledgers.models.warnings import InvoiceWarning

__all__ = [
    "Acknowledgement", "ClaimSettlement", "CorrectionProposal", "EnterpriseDay", "Invoice", "InvoiceLine",
    "InvoiceWarning", "LedgerEntry", "LotHold", "LotLink", "PriceCorrection", "ProductionRun", "Receipt",
    "ReceiptClaim", "ReceiptPhoto", "RetentionYear", "RunInput", "RunOutput", "StockBalance", "StockPaper",
    "StockPaperLine", "StockPaperPhoto", "StockState", "TraceOpening", "TradeDelta", "corrected_price", "purchases_of",
    "sales_of",
]  # fmt: skip
