# SPDX-License-Identifier: Apache-2.0
"""Files that start programs later: each kind is changed once, and not always in the same way."""

from support.box import Box
from support.host import Host

from default_rules import Action, host_trigger, trigger

# What is done to the file $1. Each way is another system call.
WAYS = {
    "append": 'echo "# x" >> "$1"',
    "truncate": ': > "$1"',
    "rename_onto": 'echo x > /srv/new && mv -T /srv/new "$1"',
    "link": 'echo x > /srv/new && ln -f /srv/new "$1"',
    "symlink": 'ln -sfT /srv/new "$1"',
    "chmod": 'echo x > "$1.x" && chmod 755 "$1.x"',
    "by_other_root": 'echo x >> "/proc/self/root$1"',
    "rename_by_other_root": 'echo x > /srv/new && mv -T /srv/new "/proc/self/root$1"',
    "rename_by_dots": 'echo x > /srv/new && mv -T /srv/new "/usr/..$1"',
    "by_relative_path": 'cd "$(dirname "$1")" && echo x >> "../$(basename "$(dirname "$1")")/$(basename "$1")"',
}

CHANGED = [
    ("cron-table-changed", "append", "/etc/crontab"),
    ("cron-table-changed", "rename_onto", "/var/spool/cron/crontabs/root"),
    ("cron-table-changed", "by_relative_path", "/etc/cron.d/x"),
    ("at-job-changed", "append", "/var/spool/cron/atjobs/a00001"),
    ("systemd-unit-changed", "append", "/etc/systemd/system/x.service"),
    ("systemd-unit-changed", "symlink", "/etc/systemd/system/multi-user.target.wants/x.service"),
    ("systemd-unit-changed", "append", "/home/a/.config/systemd/user/x.timer"),
    ("boot-script-changed", "append", "/etc/rc.local"),
    ("boot-script-changed", "chmod", "/etc/init.d/x"),
    ("shell-start-file-changed", "append", "/root/.bashrc"),
    ("shell-start-file-changed", "link", "/etc/profile.d/x.sh"),
    ("authorized-keys-changed", "append", "/root/.ssh/authorized_keys"),
    ("authorized-keys-changed", "by_other_root", "/home/a/.ssh/authorized_keys"),
    ("authorized-keys-changed", "rename_onto", "/root/.ssh/authorized_keys2"),
    ("ssh-server-configuration-changed", "append", "/etc/ssh/sshd_config.d/x.conf"),
    ("preload-list-changed", "append", "/etc/ld.so.preload"),
    ("preload-list-changed", "symlink", "/etc/ld.so.preload"),
    ("library-path-changed", "append", "/etc/ld.so.conf.d/x.conf"),
    ("system-library-replaced", "rename_onto", "/usr/lib/x86_64-linux-gnu/libnss_files.so.2"),
    ("system-library-replaced", "append", "/usr/lib/ld-musl-x86_64.so.1"),
    ("account-file-changed", "append", "/etc/passwd"),
    ("account-file-changed", "rename_onto", "/etc/shadow"),
    ("sudo-rights-changed", "append", "/etc/sudoers.d/x"),
    ("login-configuration-changed", "append", "/etc/pam.d/sshd"),
    ("login-configuration-changed", "append", "/etc/nsswitch.conf"),
    ("device-event-rule-changed", "append", "/etc/udev/rules.d/99-x.rules"),
    ("module-directory-changed", "append", "/etc/modules-load.d/x.conf"),
    ("module-directory-changed", "append", "/usr/lib/modules/1/extra/x.ko"),
    ("static-pod-manifest-changed", "append", "/etc/kubernetes/manifests/x.yaml"),
    ("static-pod-manifest-changed", "rename_onto", "/host/etc/kubernetes/manifests/x.yaml"),
    ("cni-configuration-changed", "append", "/host/opt/cni/bin/loopback"),
    ("cni-configuration-changed", "append", "/etc/cni/net.d/00-x.conflist"),
    ("node-agent-configuration-changed", "append", "/usr/share/containers/oci/hooks.d/x.json"),
    ("node-agent-configuration-changed", "append", "/etc/containerd/certs.d/docker.io/hosts.toml"),
    ("entry-point-changed", "append", "/usr/local/bin/docker-entrypoint.sh"),
    ("git-hook-changed", "append", "/srv/app/.git/hooks/post-checkout"),
    ("interpreter-start-file-changed", "append", "/usr/lib/python3/dist-packages/sitecustomize.py"),
    ("interpreter-start-file-changed", "append", "/usr/local/lib/python3.12/site-packages/x.pth"),
    ("system-hook-changed", "append", "/etc/update-motd.d/99-x"),
    ("system-hook-changed", "append", "/etc/apt/apt.conf.d/00x"),
    ("boot-loader-changed", "append", "/boot/initrd.img-1"),
    ("roundabout-path-to-system-file", "rename_by_other_root", "/etc/cron.d/x"),
    ("roundabout-path-to-system-file", "rename_by_dots", "/root/.ssh/authorized_keys"),
    ("runtime-program-changed", "append", "/usr/sbin/runc"),
]


def change(way: str, path: str) -> Action:
    def action(box: Box) -> None:
        box.sh('mkdir -p "$(dirname "$1")"', path, check=True)
        box.sh(WAYS[way], path, check=True)

    action.__name__ = f"{way}:{path}"
    return action


for identifier, how, where in CHANGED:
    trigger(identifier)(change(how, where))


@trigger("authorized-keys-changed")
def by_a_directory_descriptor(box: Box) -> None:
    box.python("""
os.makedirs("/root/.ssh")
os.chdir("/root/.ssh")
folder = os.open(".", os.O_RDONLY)
os.chdir("/")
os.close(os.open("authorized_keys", os.O_WRONLY | os.O_CREAT, dir_fd=folder))
""")


@trigger("library-path-changed")
def a_cache_of_its_own(box: Box) -> None:
    box.sh("echo x >> /etc/ld.so.cache")


@trigger("preload-on-command-line")
def env(box: Box) -> None:
    box.run(["/usr/bin/env", "LD_PRELOAD=/tmp/x.so", "/bin/true"])


@trigger("preload-on-command-line")
def in_a_shell(box: Box) -> None:
    box.sh("LD_LIBRARY_PATH=/dev/shm/.lib /bin/true")


@trigger("user-added")
def useradd(box: Box) -> None:
    box.run(["/usr/sbin/useradd", "-o", "-u", "0", "toor"], check=True)


@trigger("user-added")
def by_another_name(box: Box) -> None:
    box.sh("ln -s /usr/sbin/useradd /srv/x")
    box.run(["/srv/x", "anna"], check=True)


@trigger("user-added")
def chpasswd(box: Box) -> None:
    box.run(["/usr/sbin/chpasswd"], stdin=b"games:secret\n")


@trigger("system-account-added")
def groupadd(box: Box) -> None:
    box.run(["/usr/sbin/groupadd", "-r", "app"], check=True)


@trigger("account-file-changed")
def by_a_copy_of_a_tool(box: Box) -> None:
    box.sh("cp /usr/sbin/useradd /srv/useradd")
    box.run(["/srv/useradd", "anna"], check=True)


@trigger("account-file-changed")
def by_a_program_that_is_called_as_a_tool(box: Box) -> None:
    box.sh("ln -s /bin/sh /srv/passwd")
    box.run(["/srv/passwd", "-c", "echo x::0:0::/:/bin/sh >> /etc/passwd"], check=True)


@trigger("user-deleted")
def userdel(box: Box) -> None:
    box.run(["/usr/sbin/userdel", "games"], check=True)


@trigger("web-shell-written")
def upload(box: Box) -> None:
    box.sh("ln -s /bin/sh /usr/sbin/php-fpm8.2; mkdir -p /srv/www")
    box.run(["/usr/sbin/php-fpm8.2", "-c", "echo '<?php' > /srv/www/a.PHP"], check=True)


@trigger("web-shell-written")
def a_command_of_the_server(box: Box) -> None:
    box.sh("ln -s /bin/sh /usr/sbin/httpd; mkdir -p /srv/www")
    box.run(["/usr/sbin/httpd", "-c", "/bin/sh -c 'echo x > /srv/www/a.jsp'; true"], check=True)


# The folder is covered in a mount namespace of the trigger's: the machine's stays as it is.
COVERED = "unshare --mount sh -c 'mount -t tmpfs x /usr/local/bin && cd /usr/local/bin && {}'"


@host_trigger("system-program-replaced-on-host")
def by_rename(host: Host) -> None:
    host.sh(COVERED.format("echo x > new && mv new sudo"), check=True)


@host_trigger("system-program-replaced-on-host")
def by_link(host: Host) -> None:
    host.sh(COVERED.format("ln -s /srv/new sudo"), check=True)


@host_trigger("system-program-overwritten-on-host")
def by_writing(host: Host) -> None:
    host.sh(COVERED.format("echo x > sudo"), check=True)


@host_trigger("git-hook-changed")
def on_the_host(host: Host) -> None:
    host.sh("mkdir -p a/.git/hooks && echo x > a/.git/hooks/pre-commit", check=True)
