//! The closed word lists of the format.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        $(#[$meta])*
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that stands in the file.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|v| v.as_str()).collect();
                    format!("unknown {} `{word}`; one of {}", stringify!($name).to_lowercase(), known.join(", "))
                })
            }
        }
    };
}

words! {
    /// What a scene is drawn as.
    Kind {
        /// Activities and decisions in order.
        Flow = "flow",
        /// A flow in one lane an actor.
        Swimlane = "swimlane",
        /// Messages between actors over time.
        Sequence = "sequence",
        /// Events on a time axis.
        Timeline = "timeline",
        /// Parts, kinds or people under one another.
        Hierarchy = "hierarchy",
        /// Steps that end where they began.
        Cycle = "cycle",
        /// Things held against one another.
        Comparison = "comparison",
        /// Components and what connects them, with containers.
        Architecture = "architecture",
        /// Causes and effects.
        Causes = "causes",
        /// A topic and what belongs to it.
        Mindmap = "mindmap",
        /// States and transitions.
        State = "state",
        /// Numbers of categories.
        Quantities = "quantities",
        /// A plain list in spoken order: the fallback that is always right.
        Steps = "steps",
    }
}

words! {
    /// What a node stands for.
    #[schemars(rename = "NodeRole")]
    Role {
        /// Something that is done.
        Activity = "activity",
        /// A question whose answer decides the way on.
        Decision = "decision",
        /// Where the way begins.
        Start = "start",
        /// Where the way ends.
        End = "end",
        /// A thing, part or component.
        Object = "object",
        /// Somebody or something that acts.
        Actor = "actor",
        /// Something that happens at a time.
        Event = "event",
        /// A state something is in.
        State = "state",
        /// A category or notion.
        Concept = "concept",
        /// A number of a category.
        Quantity = "quantity",
    }
}

words! {
    /// The outline of a node.
    Shape {
        /// Rectangle with rounded corners.
        Box = "box",
        /// Fully rounded ends.
        Pill = "pill",
        /// Diamond.
        Diamond = "diamond",
        /// Ellipse.
        Ellipse = "ellipse",
        /// Store or database.
        Cylinder = "cylinder",
        /// Person.
        Person = "person",
        /// Document.
        Document = "document",
    }
}

words! {
    /// What an edge says.
    EdgeType {
        /// The target comes after the source.
        Then = "then",
        /// The condition holds.
        Yes = "yes",
        /// The condition does not hold.
        No = "no",
        /// The source contains the target.
        PartOf = "part_of",
        /// The target is a kind of the source.
        IsA = "is_a",
        /// The source brings the target about.
        Causes = "causes",
        /// The source tells or sends the target something.
        Message = "message",
        /// Both have to do with one another.
        Relates = "relates",
    }
}

words! {
    /// Who made an element.
    #[derive(Default)]
    Origin {
        /// The outliner; replaced when the talk is outlined again.
        #[default]
        Auto = "auto",
        /// A person; survives re-extraction.
        User = "user",
    }
}
