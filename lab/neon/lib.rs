//! Empty: the package holds tests only.
