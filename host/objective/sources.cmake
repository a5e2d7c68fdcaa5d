list(APPEND PH_SOURCES host/objective/direction.c host/objective/heads.c host/objective/label.c host/objective/npy.c
     host/objective/scan.c host/objective/target.c host/objective/unit.c)
