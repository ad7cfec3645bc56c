//! The question and the answer.

/// Somebody who works in crews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewTechnician {
    /// Skill in each domain; 0 = none.
    pub levels: Vec<u32>,
    /// Days without work, the first day is 0.
    pub days_off: Vec<usize>,
}

/// Something to be done by one crew on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewVisit {
    /// How long it takes, however large the crew.
    pub duration: i64,
    /// Visits that must have ended before, by index.
    pub after: Vec<usize>,
    /// Index into [`CrewWeights::by_priority`].
    pub priority: usize,
    /// What it costs of the budget to give it to somebody else.
    pub outsourcing: i64,
    /// How many members are needed who have at least a level: `needs[domain][level - 1]`.
    pub needs: Vec<Vec<u32>>,
}

/// What costs how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewWeights {
    /// Per unit of time until the last visit of a priority has ended.
    pub by_priority: Vec<i64>,
    /// Per unit of time until the last visit of all has ended.
    pub whole: i64,
}

/// Who works when, and what is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewProblem {
    /// Everybody.
    pub technicians: Vec<CrewTechnician>,
    /// Everything.
    pub visits: Vec<CrewVisit>,
    /// Units of time of a day; every visit lies within one day.
    pub day_length: i64,
    /// Most that outsourcing may cost.
    pub budget: i64,
    /// What costs how much.
    pub weights: CrewWeights,
}

/// When a visit is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrewStop {
    /// Which.
    pub visit: usize,
    /// Start, from the beginning of the day.
    pub start: i64,
}

/// A crew of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewDay {
    /// Which day, the first is 0.
    pub day: usize,
    /// Who, ascending.
    pub members: Vec<usize>,
    /// What they do, in order.
    pub stops: Vec<CrewStop>,
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewPlan {
    /// All crews with work, by day.
    pub crews: Vec<CrewDay>,
    /// Visits given to others, ascending.
    pub outsourced: Vec<usize>,
    /// Weighted sum of last ends.
    pub cost: i64,
}
