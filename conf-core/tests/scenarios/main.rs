//! Stories of whole meetings, one a file, told with a hand-turned clock.

#[path = "../support/mod.rs"]
mod support;

mod admission;
mod anonymous_histories;
mod anonymous_poll;
mod ask_to_unmute;
mod attendance;
mod breakout_rule;
mod breakouts;
mod captions;
mod chat_bounds;
mod chat_clear;
mod chat_edit_delete;
mod chat_private;
mod chat_reactions;
mod chat_replies;
mod chat_writing;
mod exceptions;
mod hands_order;
mod join_muted;
mod layouts;
mod lobby;
mod locks;
mod marks;
mod mute;
mod mute_all;
mod newest_session_wins;
mod open_empty_ended;
mod poll;
mod presenter_asked;
mod presenter_mark;
mod promoted;
mod random_pick;
mod reactions;
mod recovered;
mod rejoin_grace;
mod removed_and_banned;
mod renamed;
mod reported;
mod room_lock;
mod screen_share;
mod see_cameras;
mod spotlight;
mod starter_and_unattended;
mod timer;
