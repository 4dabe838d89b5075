"""Sends or plays one stream with aiortc, and prints what came of it as one line of JSON.

    aiortc_stream.py send URL [--token T] [--profile gcm|cm] [--seconds N]
    aiortc_stream.py play URL [--token T] [--profile gcm|cm] [--seconds N]

`send` prints when it is connected and lives until its standard input is closed. `play` counts
decoded frames of sound and pictures for some seconds.
"""

import argparse
import asyncio
import json
import sys
from fractions import Fraction
from urllib.parse import urljoin

import aiohttp
import av
import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack, rtcdtlstransport
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

SDP = {"Content-Type": "application/sdp"}


class Picture(VideoStreamTrack):
    """A bright square that wanders over a dark ground."""

    async def recv(self):
        pts, base = await self.next_timestamp()
        pixels = numpy.full((240, 320, 3), 32, numpy.uint8)
        left = (pts // 3000 * 4) % 280
        pixels[100:140, left : left + 40] = (40, 200, 240)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = pts, base
        return frame


class Tone(AudioStreamTrack):
    """440 Hz."""

    async def recv(self):
        frame = await super().recv()
        count = frame.samples
        times = (numpy.arange(count) + (frame.pts or 0)) / frame.sample_rate
        wave = (numpy.sin(times * 440 * 2 * numpy.pi) * 12000).astype(numpy.int16)
        tone = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        tone.pts, tone.sample_rate = frame.pts, frame.sample_rate
        tone.time_base = Fraction(1, frame.sample_rate)
        return tone


def limit_profiles(wanted):
    """Offers one SRTP profile only, so that the handshake can settle on no other."""
    known = {
        "gcm": b"SRTP_AEAD_AES_128_GCM",
        "cm": b"SRTP_AES128_CM_SHA1_80",
    }
    if wanted is None:
        return
    fitting = [p for p in rtcdtlstransport.SRTP_PROFILES if p.openssl_profile == known[wanted]]
    if not fitting:
        raise SystemExit(f"this aiortc has no SRTP profile {wanted}")
    rtcdtlstransport.SRTP_PROFILES[:] = fitting


async def post(http, peer, url, token):
    await peer.setLocalDescription(await peer.createOffer())
    headers = dict(SDP)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with http.post(url, data=peer.localDescription.sdp, headers=headers) as answer:
        text = await answer.text()
        if answer.status != 201:
            raise SystemExit(f"{answer.status}: {text}")
        await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
        return urljoin(url, answer.headers["Location"])


async def connected(peer):
    for _ in range(300):
        if peer.connectionState == "connected":
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"not connected: {peer.connectionState}")


async def send(args, http, peer):
    peer.addTransceiver(Tone(), direction="sendonly")
    peer.addTransceiver(Picture(), direction="sendonly")
    location = await post(http, peer, args.url, args.token)
    await connected(peer)
    print(json.dumps({"connected": True}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    return location


async def play(args, http, peer):
    counts = {"audio": 0, "video": 0, "loudest": 0, "brightest": 0}

    async def count(track):
        try:
            while True:
                frame = await track.recv()
                counts[track.kind] += 1
                pixels = frame.to_ndarray()
                if track.kind == "audio":
                    counts["loudest"] = max(counts["loudest"], int(numpy.abs(pixels).max()))
                else:
                    brightness = frame.to_ndarray(format="gray").max()
                    counts["brightest"] = max(counts["brightest"], int(brightness))
        except MediaStreamError:
            pass

    peer.on("track", lambda track: asyncio.ensure_future(count(track)))
    for kind in ["audio", "video"]:
        peer.addTransceiver(kind, direction="recvonly")
    location = await post(http, peer, args.url, args.token)
    await connected(peer)
    for _ in range(args.seconds * 10):
        await asyncio.sleep(0.1)
        if counts["audio"] > 100 and counts["video"] > 40:
            break
    print(json.dumps(counts), flush=True)
    return location


async def main(args):
    limit_profiles(args.profile)
    peer = RTCPeerConnection()
    async with aiohttp.ClientSession() as http:
        location = await (send if args.what == "send" else play)(args, http, peer)
        headers = {"Authorization": f"Bearer {args.token}"} if args.token else {}
        async with http.delete(location, headers=headers) as answer:
            if answer.status != 200:
                raise SystemExit(f"delete: {answer.status}")
        await peer.close()


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["send", "play"])
parser.add_argument("url")
parser.add_argument("--token")
parser.add_argument("--profile", choices=["gcm", "cm"])
parser.add_argument("--seconds", type=int, default=30)
asyncio.run(main(parser.parse_args()))
