/// A closed list whose members are stored and shown by a code that never changes, whatever order they stand in.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident, $unknown:literal { $($(#[$doc:meta])* $member:ident $code:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $member,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$member,)*];

            /// The code in records, in the API and in logs.
            pub const fn code(self) -> &'static str { match self { $($name::$member => $code,)* } }

            /// The one with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.code()) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::from_code(&code).ok_or_else(|| serde::de::Error::custom($unknown))
            }
        }
    };
}

pub(crate) use codes;
