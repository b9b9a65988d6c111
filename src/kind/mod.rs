//! What a file is and what it says of itself.
