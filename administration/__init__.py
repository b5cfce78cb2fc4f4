"""The administrator's screens over accounts, which stand below the register machine and cannot declare registers."""
