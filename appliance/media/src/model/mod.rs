//! Speech models: the catalogue, fetching, verifying and converting.
