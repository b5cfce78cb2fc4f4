"""Log lines as JSON, one line each, so that nothing a user typed can fake a second line."""

import json
import logging


class OneLineJson(logging.Formatter):
    """Time, level, logger and message; the traceback as one escaped string."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
