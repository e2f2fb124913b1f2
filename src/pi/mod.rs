//! pi
