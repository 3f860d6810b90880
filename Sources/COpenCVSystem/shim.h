// The headers of OpenCV are C++; COpenCV includes them. This target passes the flags of pkg-config.
