//! 2501, and filings by an agency: made before, during or beside a visit, and what they change.
