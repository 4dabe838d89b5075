//! What sealing and opening one packet costs, per profile: 1,100 bytes of payload, as video has.

use conf_media::{
    endpoint::srtp::{MAX_OVERHEAD, MasterKey, Opener, Profile, Sealer},
    rtp::{RtpHeader, write_header},
};

use crate::workload::{Case, Workload};

const PAYLOAD: usize = 1_100;
/// Packets of one round.
const PACKETS: u64 = 256;

macro_rules! case {
    ($name:literal, $profile:ident, $way:ident) => {
        Case {
            name: $name,
            unit: "packet",
            rounds: 8,
            make: || Box::new(Protection::new(Profile::$profile, Way::$way)),
        }
    };
}

/// Each profile, both ways.
pub(crate) const CASES: &[Case] = &[
    case!("srtp/seal/gcm_128", Aes128Gcm, Seal),
    case!("srtp/open/gcm_128", Aes128Gcm, Open),
    case!("srtp/seal/gcm_256", Aes256Gcm, Seal),
    case!("srtp/open/gcm_256", Aes256Gcm, Open),
    case!("srtp/seal/cm_sha1_80", Aes128CmSha1, Seal),
    case!("srtp/open/cm_sha1_80", Aes128CmSha1, Open),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Seal,
    Open,
}

struct Protection {
    way: Way,
    sealer: Sealer,
    opener: Opener,
    index: u64,
    out: Vec<u8>,
    sealed: Vec<Vec<u8>>,
}

fn header(index: u64) -> [u8; 20] {
    let fields =
        RtpHeader { marker: false, payload_type: 96, seq: index as u16, timestamp: 1, ssrc: 7 };
    let mut header = [0; 20];
    write_header(&mut header, &fields, &[(3, &[0, 1])]).expect("room for one extension");
    header
}

impl Protection {
    fn new(profile: Profile, way: Way) -> Self {
        let keys = MasterKey::new(&vec![3; profile.key_len()], &vec![5; profile.salt_len()]);
        Self {
            way,
            sealer: Sealer::new(profile, &keys),
            opener: Opener::new(profile, &keys),
            index: 0,
            out: vec![0; 20 + PAYLOAD + MAX_OVERHEAD],
            sealed: Vec::new(),
        }
    }

    fn seal(&mut self) -> usize {
        self.index += 1;
        let header = header(self.index);
        let sealed = self.sealer.seal_rtp(self.index, &header, &[0x55; PAYLOAD], &mut self.out);
        sealed.expect("room for the overhead")
    }
}

impl Workload for Protection {
    fn prepare(&mut self) {
        if self.way == Way::Seal {
            return;
        }
        self.sealed.clear();
        for _ in 0..PACKETS {
            let len = self.seal();
            self.sealed.push(self.out[..len].to_vec());
        }
    }

    fn round(&mut self) -> u64 {
        match self.way {
            Way::Seal => {
                for _ in 0..PACKETS {
                    self.seal();
                }
            }
            Way::Open => {
                for packet in &mut self.sealed {
                    let _ = self.opener.open_rtp(packet).expect("fresh and authentic");
                }
            }
        }
        PACKETS
    }
}
