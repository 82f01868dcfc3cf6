//! What a real browser makes of the server: Chromium without a window, told what to do by chromedriver.
//!
//! Two ports are two origins, and `localhost` beside `127.0.0.1` is another site: so other sites are servers of the test's own.

mod cross_origin;
mod driver;
mod frames;
mod isolation;
mod leaving;
mod pages;
mod reference;
mod reports;
mod scripts;
mod site;
mod sniffing;
mod streams;
mod tls;
