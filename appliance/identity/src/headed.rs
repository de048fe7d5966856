//! The heads of people's records, for the gate.

use model::{Header, noun};
use store::Headed;

use crate::{ApiKey, Group, Invitation, ServiceAccount, Session, User};

macro_rules! headed {
    ($($record:ident)*) => {$(
        impl Headed for $record {
            type Noun = noun::$record;
            fn header(&self) -> &Header<noun::$record> {
                &self.header
            }
        }
    )*};
}
headed! { ApiKey Group Invitation ServiceAccount Session User }
