//! What the demo says.

use jiff::civil::date;

use super::{Demo, MediaItem, Page, Post, Product, Profile};

const PALISADE: &str = "\
A palisade is a row of stakes. Every stake stands alone, and together they are a wall.

Palisade is built like that: **every layer is a crate**, and one function puts them in order.

* A layer decides from the head of a request.
* A refusal is a value; the edge renders it.
* What one layer learns, all layers read.

> Where two layers disagree about the address, the path or the user, there is the breach.
";

const LIMITS: &str = "\
A limit that tells nobody is a wall in the dark. Every answer of `/api/*` says how much is left:

```
RateLimit-Limit: 1
RateLimit-Remaining: 0
RateLimit-Reset: 1
RateLimit-Policy: 20;w=1
```

Whoever asks too often reads `429`, and `Retry-After` says when to come back. Whoever does not read it is banned in the end.
";

const NONCES: &str = "\
Each page carries a *nonce*: a number used once, which the browser compares with the policy in the header. Look at the
source of this page twice: two answers never share one.

Grüße & <tags> are escaped, as they should be.
";

const ABOUT_ALICE: &str = "\
Alice looks after the gate. She is an **admin** in the demo: her token opens `/api/admin/*`.

1. She reads the [live analytics](/api/analytics/stream).
2. She lifts bans.
";

const ABOUT_BOB: &str = "Bob is a user like any other. His token opens `/api/me`, and nothing that only admins may see.\n";

impl Demo {
    /// Plants the demo.
    pub fn seeded() -> Self {
        Self {
            posts: posts(),
            pages: pages(),
            profiles: profiles(),
            products: products(),
            media: media(),
        }
    }
}

fn posts() -> Vec<Post> {
    let post = |id, title, author, date, text| Post { id, title, author, date, text };
    vec![
        post(3, "A number used once", "bob", date(2026, 11, 2), NONCES),
        post(2, "Limits that say what they are", "alice", date(2026, 10, 12), LIMITS),
        post(1, "A row of stakes", "alice", date(2026, 9, 1), PALISADE),
    ]
}

fn pages() -> Vec<Page> {
    let page = |user, slug, title, date, text| Page { user, slug, title, date, text };
    vec![
        page("alice", "about", "About Alice", date(2026, 9, 3), ABOUT_ALICE),
        page("bob", "about", "About Bob", date(2026, 9, 4), ABOUT_BOB),
    ]
}

fn profiles() -> Vec<Profile> {
    vec![
        Profile { id: "alice", name: "Alice Amber", about: "Looks after the gate." },
        Profile { id: "bob", name: "Bob Birch", about: "Writes now and then." },
    ]
}

fn products() -> Vec<Product> {
    let product = |id, title, description, cents| Product { id, title, description, cents };
    vec![
        product(
            "stake",
            "Stake, oak",
            "Three metres, pointed at one end & charred at the other.",
            1990,
        ),
        product("gate", "Gate, iron-bound", "Opens inwards. Comes with one key.", 49_900),
    ]
}

fn media() -> Vec<MediaItem> {
    vec![
        MediaItem { id: "1", title: "The wall at noon", kind: "image/svg+xml" },
        MediaItem { id: "wall", title: "The wall at dawn", kind: "image/svg+xml" },
        MediaItem { id: "gate", title: "The gate", kind: "image/svg+xml" },
    ]
}
