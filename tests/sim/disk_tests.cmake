# Tests of the virtual disk: a program of their own.
wt_test(simdisk
        SOURCES disk_versus_posix_property_test.cc
                virtual_disk_contract_test.cc
                virtual_disk_crash_test.cc
                virtual_disk_enumeration_test.cc
                virtual_disk_fault_test.cc
                virtual_disk_media_test.cc
                virtual_disk_property_test.cc
                virtual_disk_sync_error_test.cc
        DEPENDS wavetank_sim wavetank_posix)
