//! Why an address cannot be used.

use std::net::IpAddr;

use url::Url;

use crate::named_faults;

named_faults! {
    /// Why an address or its trust was refused.
    AddressError {
        /// It is too long.
        TooLong { most } "too-long"
            "the address is longer than {most} bytes"
        /// It is no address.
        NoAddress { address } "no-address"
            "{address:?} is no address; use file:///folder, s3://bucket/prefix?endpoint=https://host&region=name, webdav://host/path or sftp://user@host/path"
        /// Credentials stand in it.
        HoldsCredentials {} "holds-credentials" "credentials do not belong into an address; see `printkeep store add --help`"
        /// It names no folder.
        NoFolder { address } "no-folder"
            "{address:?} names no folder; use file:///full/path"
        /// There is no such kind of store.
        NoKind { scheme } "no-kind"
            "{scheme}:// is no kind of store; use file:///folder, s3://bucket/prefix?endpoint=https://host&region=name, webdav://host/path or sftp://user@host/path"
        /// No bucket has such a name.
        Bucket { bucket } "bucket"
            "{bucket:?} is no name for a bucket"
        /// No such prefix is taken.
        Prefix { prefix } "prefix"
            "the prefix {prefix:?} may hold letters, digits, -, ., _ and =, between single slashes"
        /// It says neither that nor that.
        PathStyle {} "path-style" "path_style is true or false"
        /// An address of S3 says no such thing.
        NoField { field } "no-field"
            "{field:?} is nothing an S3 address may say; it may say endpoint, region and path_style"
        /// It is no region.
        NoRegion { region } "no-region"
            "{region:?} is no region"
        /// The endpoint is no address.
        NoEndpoint { endpoint } "no-endpoint"
            "the endpoint {endpoint:?} is no address; use https://host"
        /// The endpoint says more than a host.
        MoreThanHost { endpoint } "more-than-host"
            "the endpoint {endpoint:?} should be just https://host or https://host:port"
        /// It is not encrypted.
        PlainHttp { address } "plain-http"
            "{address} is not encrypted; use https:// (http:// is for this machine alone)"
        /// No store is reached so.
        NoWay { scheme } "no-way"
            "{scheme}:// is no way to reach a store; use https://"
        /// A WebDAV address without a host.
        NoHost { address } "no-host"
            "{address:?} names no host; use webdav://host/path"
        /// The same, not shown: what stands there may be a password.
        HiddenHost {} "hidden-host" "the address names no host; use webdav://host/path"
        /// A WebDAV address that says more than a path.
        MoreThanPath { address } "more-than-path"
            "{address:?} should be just webdav://host[:port]/path"
        /// It is not encrypted.
        PlainWebdav { address } "plain-webdav"
            "{address} is not encrypted; use webdav:// (webdav+http:// is for this machine alone)"
        /// Its path has an empty part.
        EmptyPart { address } "empty-part"
            "the path in {address:?} has an empty part"
        /// An SFTP address without a user.
        NoUser { address } "no-user"
            "{address:?} should say who logs in: sftp://user@host/path"
        /// An SFTP address without a host.
        NoSshHost { address } "no-ssh-host"
            "{address:?} names no host; use sftp://user@host/path"
        /// An SFTP address that says more than a path.
        MoreThanSsh { address } "more-than-ssh"
            "{address:?} should be just sftp://user@host[:port]/path"
        /// An SFTP address without a folder.
        NoSshFolder { address } "no-ssh-folder"
            "{address:?} names no folder; use sftp://user@host/full/path, or /~/path below the home"
        /// Several ways to trust.
        SeveralTrusted {} "several-trusted" "choose one of a file of roots, pins, and the system's roots"
        /// Too many pins.
        ManyPins {} "many-pins" "two pins at most: the current key and the next"
        /// It is no pin.
        NoPin { pin } "no-pin"
            "{pin:?} is no pin; a pin is 64 hexadecimal digits, sha256/ and base 64, or SHA256: as ssh-keygen -lf shows it"
        /// An SSH server that is to be trusted by a certificate.
        HostKey {} "host-key" "an SSH server is trusted by its host key; give its fingerprint as a pin"
        /// The file of roots is no full path.
        RelativeRoots {} "relative-roots" "the file of roots must be a full path, beginning with /"
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        // a name could be pointed elsewhere
        Some(url::Host::Domain(_)) | None => false,
    }
}
