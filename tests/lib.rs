//! Holds the whole stack to its documented order, and to the attacks it must withstand.
