pub fn merge(_old: &super::Storyboard, fresh: super::Storyboard) -> super::Storyboard { fresh }
