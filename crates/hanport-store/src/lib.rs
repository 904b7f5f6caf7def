//! History in `SQLite`: one writer thread, readers that are never blocked, backup and retention.
