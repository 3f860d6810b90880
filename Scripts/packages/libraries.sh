#!/bin/sh
# usage: libraries.sh PREFIX
# Builds small versions of the large libraries of the wheel, from the sources of Debian's packages: a libvips without parts
# under the GPL, OpenCV's optical flow without its other modules, an HDF5 without its web client, a curl for the web only, a Cairo without
# X11, and a libxml2 without ICU.
set -eu
mkdir -p "$1"
prefix=$(realpath "$1")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
if [ ! -e "$prefix/complete" ]; then
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    cmake dpkg-dev meson ninja-build g++ pkg-config gettext libglib2.0-dev libexpat1-dev libjpeg-dev libspng-dev libtiff-dev \
    libwebp-dev libjxl-dev libcgif-dev libexif-dev liblcms2-dev libpango1.0-dev zlib1g-dev \
    autoconf automake libtool gtk-doc-tools libaec-dev libssl-dev
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Unpacks the source of a package, which comes from the same place as the packages, and prints its folder.
source_of() {
  mkdir -p "$work/$1/lists/partial"
  cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed 's/^Types: deb$/Types: deb-src/' >"$work/$1/source.sources"
  cat /etc/apt/sources.list 2>/dev/null | sed -n 's/^deb /deb-src /p' >"$work/$1/source.list"
  set -- "$1" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/$1" -o Dir::State::Lists="$work/$1/lists" \
    -o APT::Sandbox::User=root
  name=$1
  shift
  apt-get "$@" update -q >&2
  (cd "$work/$name" && apt-get "$@" source -q "$name" >&2)
  find "$work/$name" -mindepth 1 -maxdepth 1 -type d -name "$name-*" -o -mindepth 1 -maxdepth 1 -type d -name "$name[0-9]*-*"
}

if [ ! -e "$prefix/lib/libvips.so.42" ]; then
  cd "$(source_of vips)"
  meson setup build --buildtype=release --prefix="$prefix" --libdir=lib -Dauto_features=disabled -Dmodules=disabled \
    -Ddeprecated=false -Dexamples=false -Dcplusplus=false -Dintrospection=false \
    -Djpeg=enabled -Dspng=enabled -Dtiff=enabled -Dwebp=enabled -Djpeg-xl=enabled -Dcgif=enabled \
    -Dexif=enabled -Dlcms=enabled -Dpangocairo=enabled -Dfontconfig=enabled -Dzlib=enabled
  ninja -C build install
fi
# Its own web client would bring TLS, Kerberos, LDAP and SSH with it.
if [ ! -e "$prefix/lib/libhdf5_serial.so.103" ]; then
  cd "$(source_of hdf5)"
  autoreconf -fi
  # The name and the versions of symbols of Debian's library.
  ./configure --prefix="$prefix" --libdir="$prefix/lib" --with-flavor=serial \
    H5_LDFLAGS="-Wl,--version-script,\$(top_srcdir)/debian/map_serial.ver" \
    --disable-static --enable-shared --enable-build-mode=production --disable-sharedlib-rpath --with-zlib --with-szlib \
    --with-default-api-version=v18 --with-pthread --enable-unsupported --enable-threadsafe \
    --disable-hl --disable-tests --disable-tools --disable-fortran --disable-cxx
  make -j"$(nproc)" -C src install-libLTLIBRARIES
  strip --strip-unneeded "$prefix"/lib/libhdf5_serial.so.*
fi
if [ ! -e "$prefix/lib/libcurl.so.4" ]; then
  cd "$(source_of curl)"
  # Debian's last two patches are for its builds with GnuTLS and NSS.
  patch -R -p1 <debian/patches/99_nss.patch
  patch -R -p1 <debian/patches/90_gnutls.patch
  autoreconf -fi
  ./configure --prefix="$prefix" --libdir="$prefix/lib" --disable-static --enable-versioned-symbols --with-openssl --with-zlib \
    --with-ca-path=/etc/ssl/certs --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt --enable-threaded-resolver \
    --disable-manual --without-libssh2 --without-librtmp --without-libpsl --without-brotli --without-zstd --without-nghttp2 \
    --without-libidn2 --without-gssapi --disable-ldap --disable-dict --disable-gopher --disable-imap --disable-mqtt \
    --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet --disable-tftp
  make -j"$(nproc)" -C lib install-libLTLIBRARIES
  strip --strip-unneeded "$prefix"/lib/libcurl.so.*
fi
if [ ! -e "$prefix/lib/libcairo.so.2" ]; then
  cd "$(source_of cairo)"
  autoreconf -fi
  ./configure --prefix="$prefix" --libdir="$prefix/lib" --disable-static --disable-xlib --disable-xcb --disable-ps --disable-pdf \
    --disable-svg --disable-script --disable-interpreter --disable-gobject --disable-trace --disable-png --disable-gtk-doc
  make -j"$(nproc)" -C src install-libLTLIBRARIES
  strip --strip-unneeded "$prefix"/lib/libcairo.so.*
fi
if [ ! -e "$prefix/lib/libxml2.so.2" ]; then
  cd "$(source_of libxml2)"
  # Its build by CMake forgets the name and the versions of symbols that programs were linked with.
  sed -i '/^set_target_properties(/,/^)/s/VERSION ${PROJECT_VERSION}$/VERSION ${PROJECT_VERSION} SOVERSION 2/' CMakeLists.txt
  cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DLIBXML2_WITH_ICU=OFF -DLIBXML2_WITH_LZMA=OFF -DLIBXML2_WITH_PYTHON=OFF -DLIBXML2_WITH_TESTS=OFF \
    -DLIBXML2_WITH_PROGRAMS=OFF -DCMAKE_SHARED_LINKER_FLAGS="-Wl,--version-script=$PWD/libxml2.syms"
  ninja -C build install
fi
if [ ! -e "$prefix/lib/libopencv_video.so.406" ]; then
  cd "$(source_of opencv)"
  cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DOPENCV_LIB_INSTALL_PATH=lib -DBUILD_LIST=core,imgproc,video -DBUILD_TESTS=OFF -DBUILD_PERF_TESTS=OFF -DBUILD_JAVA=OFF \
    -DBUILD_opencv_apps=OFF -DWITH_IPP=OFF -DWITH_ITT=OFF -DWITH_OPENCL=OFF -DWITH_LAPACK=OFF -DWITH_TBB=OFF -DWITH_PROTOBUF=OFF \
    -DWITH_QUIRC=OFF -DWITH_ADE=OFF -DWITH_EIGEN=OFF -DCPU_DISPATCH=AVX2
  ninja -C build install
  strip --strip-unneeded "$prefix"/lib/libopencv_*.so.*
fi
touch "$prefix/complete"
