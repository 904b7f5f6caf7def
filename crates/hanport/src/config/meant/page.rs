//! What the page shows.

/// Whether something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Where there is something to show.
    Auto,
    /// Never.
    Hide,
    /// Always.
    Show,
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the browser says.
    Auto,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// A part of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// Its name: `import`, `export`, `voltage`...
    pub(crate) name: &'static str,
    /// Whether it is shown.
    pub(crate) shown: Shown,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageConfig {
    /// Its colours.
    pub(crate) theme: Theme,
    /// The parts of the dashboard in their order.
    pub(crate) tiles: Vec<Tile>,
}
