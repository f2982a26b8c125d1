"""What every clip must keep, checked by machine in one walk without drawing.

`faults_of` returns every breach as a sentence, with the second and the section where it came
first: where numbers come from (`origins`), how things lie (`layout`), whether texts can be read
(`legible`), whether shown equations are true (`worked`).
"""

from checks.origins import key, members
from checks.walking import Report, faults_of

__all__ = ["Report", "faults_of", "key", "members"]
