"""Words of English grammar, which say nothing of a dish: a closed list.

scikit-learn's stop words hold `fire`, `thick` and `thin` too, which do, and take a second to import.
"""

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those such same other another
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves one ones
    who whom whose which what whatever when where why how
    and or but nor so yet if because although though while whereas unless until than as
    of in on at by for from to into onto with without within about above across after against along among
    around before behind below beneath beside besides between beyond down during except inside near off
    out outside over past per since through throughout till toward towards under up upon via
    am is are was were be been being do does did done doing have has had having
    can could may might must shall should will would cannot
    not no none neither either both each every all any some few many much more most less least
    several enough only own very too also just even still again already always ever never often
    here there then now once else rather quite almost
    s t d ll m re ve
""".split()
)
