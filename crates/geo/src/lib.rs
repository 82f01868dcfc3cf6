//! Finds the country, region and city of a client's address, without making a request wait.
