//! What a report says over all its rows.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;

/// A grade of the MDN HTTP Observatory. The better one is the greater one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "the grades that the Observatory gives")]
#[expect(missing_docs, reason = "a grade is its name")]
pub enum Grade {
    F,
    DMinus,
    D,
    DPlus,
    CMinus,
    C,
    CPlus,
    BMinus,
    B,
    BPlus,
    AMinus,
    A,
    APlus,
}

/// A level of the OWASP ASVS.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "the levels that the standard has")]
pub enum Level {
    /// What every application needs.
    L1,
    /// What most applications should reach.
    L2,
    /// Where the most is at stake.
    L3,
}

/// What a report says over all its rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mark {
    /// Points, and the grade for so many.
    Grade {
        /// 100 and all bonuses, less what is missing; never below 0.
        score: u16,
        /// The grade for so many.
        grade: Grade,
    },
    /// The highest level below which nothing fails, as far as one answer shows; none where the first level fails.
    Level(Option<Level>),
    /// How many rules hold.
    Rules {
        /// Those that hold.
        passed: usize,
        /// Those that apply.
        applicable: usize,
    },
}

/// What is to be reached at the least.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Bar {
    /// A grade of the Observatory.
    Grade(Grade),
    /// A level of the ASVS.
    Level(Level),
}

// === impl Grade ===

/// The least points for each grade (`src/grader/charts.js`), best first.
const CHART: [(u16, Grade, &str); 13] = [
    (100, Grade::APlus, "A+"),
    (90, Grade::A, "A"),
    (85, Grade::AMinus, "A-"),
    (80, Grade::BPlus, "B+"),
    (70, Grade::B, "B"),
    (65, Grade::BMinus, "B-"),
    (60, Grade::CPlus, "C+"),
    (50, Grade::C, "C"),
    (45, Grade::CMinus, "C-"),
    (40, Grade::DPlus, "D+"),
    (30, Grade::D, "D"),
    (25, Grade::DMinus, "D-"),
    (0, Grade::F, "F"),
];

impl Grade {
    /// The grade for a score.
    #[must_use]
    pub fn of(score: u16) -> Self {
        CHART.iter().find(|(least, ..)| score >= *least).map_or(Self::F, |(_, grade, _)| *grade)
    }

    /// As it is written: `A+`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        CHART.iter().find(|(_, grade, _)| *grade == self).map_or("F", |(.., name)| name)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Level ===

const LEVELS: [(Level, &str); 3] = [(Level::L1, "L1"), (Level::L2, "L2"), (Level::L3, "L3")];

impl Level {
    /// From the lowest to the highest.
    pub(super) const ALL: [Self; 3] = [Self::L1, Self::L2, Self::L3];

    /// As it is written: `L2`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        LEVELS.iter().find(|(level, _)| *level == self).map_or("L1", |(_, name)| name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// === impl Mark ===

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grade { score, grade } => write!(f, "{grade}, {score} points"),
            Self::Level(Some(level)) => write!(f, "{level}, as far as one answer shows"),
            Self::Level(None) => f.write_str("below L1"),
            Self::Rules { passed, applicable } => write!(f, "{passed} of {applicable}"),
        }
    }
}

// === impl Bar ===

impl FromStr for Bar {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        let grade = CHART.iter().find(|(.., name)| is(name)).map(|(_, grade, _)| (*grade).into());
        let level = || LEVELS.iter().find(|(_, name)| is(name)).map(|(level, _)| (*level).into());
        grade.or_else(level).ok_or_else(|| {
            ConfigError::new("grade or level", text)
                .expected("a grade from `A+` to `F`, or `L1`, `L2`, `L3`")
        })
    }
}

impl From<Grade> for Bar {
    fn from(grade: Grade) -> Self {
        Self::Grade(grade)
    }
}

impl From<Level> for Bar {
    fn from(level: Level) -> Self {
        Self::Level(level)
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grade(grade) => grade.fmt(f),
            Self::Level(level) => level.fmt(f),
        }
    }
}
