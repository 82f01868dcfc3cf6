//! The directives of a policy, and what each of them takes.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;

use super::{Source, source::Kind};
use crate::keyword;

/// A directive of a [`Csp`](super::Csp).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Directive {
    /// `default-src`: speaks for every other `-src` that is not there.
    DefaultSrc,
    /// `script-src`: scripts.
    ScriptSrc,
    /// `script-src-elem`: script elements.
    ScriptSrcElem,
    /// `script-src-attr`: event handlers in attributes.
    ScriptSrcAttr,
    /// `style-src`: styles.
    StyleSrc,
    /// `style-src-elem`: style elements and style sheets.
    StyleSrcElem,
    /// `style-src-attr`: styles in attributes.
    StyleSrcAttr,
    /// `font-src`: fonts.
    FontSrc,
    /// `img-src`: images.
    ImgSrc,
    /// `connect-src`: what scripts connect to.
    ConnectSrc,
    /// `media-src`: video, audio, subtitles.
    MediaSrc,
    /// `manifest-src`: the application's manifest.
    ManifestSrc,
    /// `worker-src`: workers.
    WorkerSrc,
    /// `child-src`: workers and frames.
    ChildSrc,
    /// `frame-src`: what the page puts into frames.
    FrameSrc,
    /// `frame-ancestors`: who may put the page into a frame.
    FrameAncestors,
    /// `object-src`: plug-ins.
    ObjectSrc,
    /// `base-uri`: what a `base` element may say.
    BaseUri,
    /// `form-action`: where forms may be sent.
    FormAction,
    /// `sandbox`: takes abilities from the page, but for the ones named.
    Sandbox,
    /// `upgrade-insecure-requests`: loads over TLS what the page asks for over plain HTTP.
    UpgradeInsecureRequests,
    /// `require-trusted-types-for`: `'script'`.
    RequireTrustedTypesFor,
    /// `trusted-types`: the names of policies that may make trusted values.
    TrustedTypes,
    /// `report-to`: the name of an endpoint of `Reporting-Endpoints`.
    ReportTo,
    /// `report-uri`: where older browsers send reports.
    ReportUri,
}

/// What the words of a directive are.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Grammar {
    /// Sources of scripts or styles: inline content, nonces and hashes have a meaning.
    Inline,
    /// Sources of other things.
    Places,
    /// Flags of `sandbox`.
    SandboxFlags,
    /// Nothing.
    Nothing,
    /// `'script'`.
    TrustedSink,
    /// Names of policies, `'allow-duplicates'`, `'none'`, `*`.
    TrustedNames,
    /// The name of one endpoint.
    Endpoint,
    /// References to resources.
    References,
}

const WORDS: [(&str, Directive); 25] = [
    ("default-src", Directive::DefaultSrc),
    ("script-src", Directive::ScriptSrc),
    ("script-src-elem", Directive::ScriptSrcElem),
    ("script-src-attr", Directive::ScriptSrcAttr),
    ("style-src", Directive::StyleSrc),
    ("style-src-elem", Directive::StyleSrcElem),
    ("style-src-attr", Directive::StyleSrcAttr),
    ("font-src", Directive::FontSrc),
    ("img-src", Directive::ImgSrc),
    ("connect-src", Directive::ConnectSrc),
    ("media-src", Directive::MediaSrc),
    ("manifest-src", Directive::ManifestSrc),
    ("worker-src", Directive::WorkerSrc),
    ("child-src", Directive::ChildSrc),
    ("frame-src", Directive::FrameSrc),
    ("frame-ancestors", Directive::FrameAncestors),
    ("object-src", Directive::ObjectSrc),
    ("base-uri", Directive::BaseUri),
    ("form-action", Directive::FormAction),
    ("sandbox", Directive::Sandbox),
    ("upgrade-insecure-requests", Directive::UpgradeInsecureRequests),
    ("require-trusted-types-for", Directive::RequireTrustedTypesFor),
    ("trusted-types", Directive::TrustedTypes),
    ("report-to", Directive::ReportTo),
    ("report-uri", Directive::ReportUri),
];

/// Directives of former times, and what is done today.
const WITHDRAWN: [(&str, &str); 7] = [
    ("block-all-mixed-content", "nothing in its place: browsers block such content by themselves"),
    ("navigate-to", "nothing in its place: no browser obeys it"),
    ("plugin-types", "`object-src 'none'` in its place: there are no plug-ins"),
    ("prefetch-src", "`default-src` in its place, which speaks for what is fetched ahead"),
    ("referrer", "the header `Referrer-Policy` in its place"),
    ("reflected-xss", "nothing in its place: no browser has that filter"),
    ("require-sri-for", "nothing in its place: no browser obeys it"),
];

// === impl Directive ===

impl Directive {
    /// The directive's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let word = WORDS.iter().find(|(_, directive)| *directive == self);
        word.map_or("default-src", |(word, _)| word)
    }

    pub(super) const fn grammar(self) -> Grammar {
        match self {
            Self::DefaultSrc
            | Self::ScriptSrc
            | Self::ScriptSrcElem
            | Self::ScriptSrcAttr
            | Self::StyleSrc
            | Self::StyleSrcElem
            | Self::StyleSrcAttr => Grammar::Inline,
            Self::FontSrc
            | Self::ImgSrc
            | Self::ConnectSrc
            | Self::MediaSrc
            | Self::ManifestSrc
            | Self::WorkerSrc
            | Self::ChildSrc
            | Self::FrameSrc
            | Self::FrameAncestors
            | Self::ObjectSrc
            | Self::BaseUri
            | Self::FormAction => Grammar::Places,
            Self::Sandbox => Grammar::SandboxFlags,
            Self::UpgradeInsecureRequests => Grammar::Nothing,
            Self::RequireTrustedTypesFor => Grammar::TrustedSink,
            Self::TrustedTypes => Grammar::TrustedNames,
            Self::ReportTo => Grammar::Endpoint,
            Self::ReportUri => Grammar::References,
        }
    }

    /// Reads one word of this directive.
    pub(super) fn source(self, text: &str) -> Result<Source, ConfigError> {
        let source = Source::read(self.grammar(), text)?;
        let inline_only = matches!(source.kind(), Kind::Keyword | Kind::Nonce | Kind::Hash);
        if self.grammar() == Grammar::Places && inline_only {
            return Err(ConfigError::new("source of a csp directive", text).expected(format!(
                "`'none'`, `'self'`, schemes or hosts in `{self}`: the others mean nothing there"
            )));
        }
        Ok(source)
    }

    /// Checks the words of this directive against each other.
    pub(super) fn accepts(self, sources: &[Source]) -> Result<(), ConfigError> {
        let told: Vec<_> = sources.iter().map(Source::as_str).collect();
        let refuse = |expected: &str| {
            Err(ConfigError::new(format!("value of `{self}`"), told.join(" ")).expected(expected))
        };
        let has = |kind| sources.iter().any(|source| source.kind() == kind);
        match (self.grammar(), sources.len()) {
            (Grammar::Inline | Grammar::Places, 0) => {
                return refuse("at least one source; `'none'` allows nothing");
            }
            (Grammar::TrustedSink, 0) => return refuse("`'script'`"),
            (Grammar::Endpoint, count) if count != 1 => return refuse("the name of one endpoint"),
            (Grammar::References, 0) => return refuse("at least one address"),
            _ => {}
        }
        if has(Kind::None) && sources.len() > 1 {
            return refuse("`'none'` alone: beside others a browser ignores it");
        }
        if sources.contains(&Source::STRICT_DYNAMIC) && !has(Kind::Nonce) && !has(Kind::Hash) {
            return refuse(
                "a nonce or a hash beside `'strict-dynamic'`: without one no script runs",
            );
        }
        Ok(())
    }
}

impl FromStr for Directive {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let withdrawn = WITHDRAWN.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        if let Some((_, today)) = withdrawn {
            return Err(ConfigError::new("csp directive", text).expected(*today));
        }
        keyword::find("csp directive", text, &WORDS)
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
