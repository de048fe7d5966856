//! One tenant as one file, for another appliance.
