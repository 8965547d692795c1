use super::{Fact, Reading}; pub(super) fn read(_r: &Reading<'_>, _out: &mut Vec<Fact>) {}
