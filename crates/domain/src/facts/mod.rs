//! The facts, one struct each, by family. A fact's own fields are coded; everything about the person in words is
//! in its `personal` part, which is sealed with a key of its own and can be destroyed alone.

/// A fact: its coded fields and the type of its personal part.
macro_rules! fact {
    ($(#[$doc:meta])* $name:ident, $personal:ty { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// What is personal in it.
            #[serde(skip)]
            pub personal: $personal,
        }

        impl $crate::catalogue::Parts for $name {
            type Personal = $personal;

            fn personal(&self) -> &$personal {
                &self.personal
            }

            fn with_personal(mut self, personal: $personal) -> Self {
                self.personal = personal;
                self
            }
        }
    };
}

/// A closed list of codes.
macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$code_doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$code_doc])* #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }

        // Written out, for the derive does not see a rename that a macro hands on.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($code),*]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

/// A personal part: every field optional, so that a fact whose personal part was destroyed still reads.
macro_rules! personal {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    };
}

mod access;
mod account;
mod amendment;
mod check_in;
mod closed;
mod intake;
mod milestone;
mod parts;
mod personal;
mod programme;
mod transaction;

pub use access::*;
pub use account::*;
pub use amendment::*;
pub use check_in::*;
pub use closed::*;
pub use intake::*;
pub use milestone::*;
pub use parts::*;
pub use personal::*;
pub use programme::*;
pub use transaction::*;
