//! Places that keep sealed bytes.
