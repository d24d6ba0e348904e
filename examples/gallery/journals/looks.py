"""The looks in which the figures in journals' styles are drawn; all names of treatments and patients are invented."""

from __future__ import annotations

from examples.gallery.journals.trial import Group, Look, Margins

__all__ = ["LOOKS"]

_DOTTED = (0, (1.0, 1.4))
_DASHED = (0, (4.0, 2.0))
_SERIF = "STIXGeneral"

LOOKS: dict[str, tuple[Look, Look]] = {
    "direct-labels": (
        Look(
            groups=(
                Group(lines=("Radiotherapy",), n=213, median=15.0, colour="#c0504d", label_at=0.1, label_below=True),
                Group(lines=("Radiotherapy", "plus corvanib"), n=211, median=24.0, colour="#3b7dbf", label_at=0.55),
            ),
            seed=1, end=60, step=10, size=(6.2, 4.8), font_size=9.5, percent=True, survival_step=0.1,
            ylabel="Overall Survival (%)", margins=Margins(left=1.45, bottom=1.55),
            words_at=(0.02, 0.13),
        ),
        Look(
            groups=(
                Group(lines=("Standard", "treatment"), n=158, median=9.0, colour="#e08214", label_at=0.08,
                      label_below=True),
                Group(lines=("Velomab plus", "standard treatment"), n=164, median=14.0, colour="#1b7837", label_at=0.5),
            ),
            seed=2, end=36, step=3, size=(5.4, 4.4), dpi=120, font=_SERIF, font_size=11, percent=False,
            ylabel="Probability of Event-free Survival", xlabel="Months since Randomization",
            margins=Margins(left=1.6, bottom=1.75),
            words_at=(0.3, 0.98),
        ),
    ),
    "dotted-500": (
        Look(
            groups=(
                Group(lines=("Placebo",), n=248, median=11.0, width=1.1),
                Group(lines=("Lumerastat",), n=251, median=17.0, width=1.1, dash=_DOTTED),
            ),
            seed=3, end=30, step=6, size=(5.0, 3.9), dpi=100, font_size=8, percent=True, ylabel="Overall survival (%)",
            xlabel="Time since randomisation (months)", margins=Margins(left=0.95, bottom=1.25), survival_step=0.25,
        ),
        Look(
            groups=(
                Group(lines=("Control group",), n=402, median=8.0, width=1.0, dash=_DOTTED),
                Group(lines=("Intervention group",), n=396, median=10.5, width=1.0),
            ),
            seed=4, end=10, step=1, table_step=2, unit="Years", size=(5.2, 4.2), dpi=96, font_size=8,
            xlabel="Follow-up (years)", ylabel="Proportion surviving", margins=Margins(left=1.45, bottom=1.3),
        ),
    ),
    "grey-incidence": (
        Look(
            groups=(
                Group(lines=("Usual care",), n=1394, median=260.0, width=1.5, label_at=0.55),
                Group(lines=("Early", "intervention"), n=1395, median=340.0, width=1.5, colour="#8c8c8c", label_at=0.65,
                      label_below=True),
            ),
            seed=5, end=72, step=12, size=(6.0, 4.6), rising=True, percent=True, highest=0.3, survival_step=0.05,
            ylabel="Cumulative Incidence (%)", margins=Margins(left=1.3, bottom=1.5), follow_up=1.2,
            words_at=(0.04, 0.95),
        ),
        Look(
            groups=(
                Group(lines=("Observation",), n=512, median=150.0, width=1.3, colour="#999999", label_at=0.5),
                Group(lines=("Preventive", "treatment"), n=508, median=210.0, width=1.3, label_at=0.62,
                      label_below=True),
            ),
            seed=106, end=48, step=6, size=(5.2, 4.2), dpi=110, rising=True, highest=0.25, survival_step=0.05,
            font_size=9, ylabel="Cumulative Incidence of Event", margins=Margins(left=1.35, bottom=1.5),
            words_at=(0.04, 0.95),
        ),
    ),
    "inset": (
        Look(
            groups=(
                Group(lines=("Placebo",), n=2208, median=640.0, colour="#e69f00", label_at=0.5, width=1.5),
                Group(lines=("Dexorime, 50 mg",), n=2195, median=980.0, colour="#4a7ebb", label_at=0.55, width=1.5,
                      label_below=True),
            ),
            seed=7, end=36, step=6, size=(6.2, 5.2), rising=True, percent=True, survival_step=0.1,
            ylabel="Cumulative Incidence (%)", margins=Margins(left=1.45, bottom=1.45), entry=0.7,
        ),
        Look(
            groups=(
                Group(lines=("Usual care",), n=820, median=2600.0, colour="#b2182b", label_at=0.5, width=1.3),
                Group(lines=("Screening",), n=815, median=4100.0, colour="#2166ac", label_at=0.55, width=1.3,
                      label_below=True),
            ),
            seed=8, end=360, step=90, unit="Days", xlabel="Days", size=(5.6, 4.6), dpi=120, font=_SERIF, font_size=11,
            rising=True, survival_step=0.2, ylabel="Cumulative Incidence", margins=Margins(left=1.25, bottom=1.6),
        ),
    ),
    "events-in-legend": (
        Look(
            groups=(
                Group(lines=("Control group",), n=64, median=130.0, colour="#d6273a"),
                Group(lines=("Sotavine group",), n=62, median=150.0, colour="#12868b"),
            ),
            seed=9, end=90, step=15, unit="Days", xlabel="Time from the procedure (days)", size=(5.2, 4.4), dpi=110,
            ylabel="Event-free survival of\nthe primary endpoint", margins=Margins(left=1.5, bottom=1.25), shape=0.6,
            follow_up=1.1,
            words_at=(0.5, 0.5),
        ),
        Look(
            groups=(
                Group(lines=("Device off",), n=118, median=24.0, colour="black"),
                Group(lines=("Device on",), n=121, median=33.0, colour="#7f7f7f"),
            ),
            seed=10, end=48, step=12, size=(5.6, 4.6), dpi=140, font=_SERIF, font_size=10.5, percent=True,
            ylabel="Freedom from recurrence (%)", margins=Margins(left=1.1, bottom=1.35), boxed=True,
            words_at=(0.55, 0.9),
        ),
    ),
    "median-guides": (
        Look(
            groups=(
                Group(lines=("BCT",), n=125, median=19.0, colour="#e8262a"),
                Group(lines=("ABCT",), n=143, median=28.0, colour="#3c54a4"),
            ),
            seed=11, end=52, step=4, size=(6.6, 5.0), percent=True, survival_step=0.1, xlabel="Time (months)",
            ylabel="Overall Survival (%)", margins=Margins(left=1.25, bottom=1.35),
        ),
        Look(
            groups=(
                Group(lines=("Chemotherapy",), n=88, median=11.0, colour="#756bb1"),
                Group(lines=("Tremosib",), n=92, median=16.0, colour="#31a354"),
            ),
            seed=12, end=30, step=3, size=(5.8, 4.6), dpi=110, font_size=8.5, survival_step=0.25,
            ylabel="Progression-free survival", margins=Margins(left=1.25, bottom=1.35), boxed=True,
        ),
    ),
    "milestones": (
        Look(
            groups=(
                Group(lines=("Before",), n=120, median=9.0, colour="#9b9b9b"),
                Group(lines=("After",), n=92, median=13.5, colour="#0b7a8c"),
            ),
            seed=13, end=24, step=6, size=(6.4, 4.8), percent=True, survival_step=0.25, font_size=9,
            ylabel="Overall survival (%)", margins=Margins(left=1.1, bottom=1.3, top=0.75),
        ),
        Look(
            groups=(
                Group(lines=("Standard care",), n=210, median=16.0, colour="#d95f02"),
                Group(lines=("Home care",), n=204, median=22.0, colour="#1b5e9e"),
            ),
            seed=14, end=36, step=6, size=(7.2, 5.2), dpi=150, percent=True, survival_step=0.2, font_size=9.5,
            ylabel="Overall survival (%)", margins=Margins(left=1.3, bottom=1.3, top=0.8),
        ),
    ),
    "symbols": (
        Look(
            groups=(
                Group(lines=("Observation",), n=74, median=14.0, colour="#444444"),
                Group(lines=("Adjuvant",), n=71, median=26.0, colour="#1f6fb4"),
            ),
            seed=115, end=48, step=6, size=(6.6, 4.4), margins=Margins(left=0.9, bottom=0.7, right=1.3),
            ylabel="Disease-free survival",
        ),
        Look(
            groups=(
                Group(lines=("Low dose",), n=48, median=8.0, colour="black", width=1.0),
                Group(lines=("Middle dose",), n=51, median=12.0, colour="#b30000", width=1.0),
                Group(lines=("High dose",), n=46, median=20.0, colour="#225ea8", width=1.0),
            ),
            seed=217, end=24, step=4, size=(6.0, 4.2), dpi=120, font=_SERIF, font_size=11, percent=True,
            margins=Margins(left=0.9, bottom=0.75, right=1.3), ylabel="Survival (%)",
        ),
    ),
    "four-lines": (
        Look(
            groups=(
                Group(lines=("Placebo,", "low stratum"), label=("Placebo, low stratum",), n=1300, median=260.0,
                      colour="#8a8a8a"),
                Group(lines=("Placebo,", "high stratum"), label=("Placebo, high stratum",), n=1325, median=175.0,
                      colour="#8a8a8a", dash=_DASHED),
                Group(lines=("Melotide,", "low stratum"), label=("Melotide, low stratum",), n=1296, median=330.0,
                      colour="#1d9bd1"),
                Group(lines=("Melotide,", "high stratum"), label=("Melotide, high stratum",), n=1329, median=215.0,
                      colour="#1d9bd1", dash=_DASHED),
            ),
            seed=17, end=54, step=6, size=(6.8, 5.6), rising=True, percent=True, highest=0.2, survival_step=0.02,
            font_size=8.5, ylabel="Proportion of participants (%)", margins=Margins(left=1.35, bottom=2.15),
            follow_up=1.1,
        ),
        Look(
            groups=(
                Group(lines=("<60 years /", "Control"), label=("<60 years / Control",), n=206, median=30.0),
                Group(lines=("<60 years /", "Active"), label=("<60 years / Active",), n=214, median=45.0, dash=_DASHED),
                Group(lines=("≥60 years /", "Control"), label=("≥60 years / Control",), n=198, median=14.0,
                      colour="#b0372b"),
                Group(lines=("≥60 years /", "Active"), label=("≥60 years / Active",), n=202, median=19.0,
                      colour="#b0372b", dash=_DASHED),
            ),
            seed=18, end=60, step=12, size=(6.4, 5.8), dpi=120, font_size=9, ylabel="Survival probability",
            margins=Margins(left=1.4, bottom=2.25),
        ),
    ),
    "line-widths": (
        Look(
            groups=(
                Group(lines=("Symptomatic",), n=162, median=110.0, width=0.8),
                Group(lines=("Treated",), n=213, median=230.0, width=2.8),
                Group(lines=("Asymptomatic",), n=354, median=700.0, width=1.5),
            ),
            seed=19, end=72, step=12, size=(6.4, 4.8), percent=True, lowest=0.4, survival_step=0.1,
            ylabel="Free from events (%)", xlabel="Follow-up in months", margins=Margins(left=0.9, bottom=1.6,
            right=1.5),
        ),
        Look(
            groups=(
                Group(lines=("Control",), n=96, median=22.0, width=1.0),
                Group(lines=("Exercise",), n=101, median=40.0, width=3.0),
            ),
            seed=20, end=60, step=12, size=(5.8, 4.6), dpi=110, font=_SERIF, font_size=11,
            ylabel="Survival", margins=Margins(left=0.9, bottom=1.6, right=1.3),
        ),
    ),
    "dark-bands": (
        Look(
            groups=(
                Group(lines=("No",), n=904, median=95.0, colour="#3f3f3f"),
                Group(lines=("Yes",), n=206, median=16.0, colour="#b22a2a"),
            ),
            seed=21, end=10, step=2, unit="Years", xlabel="Follow up time (years)", size=(6.2, 5.8), percent=True,
            survival_step=0.1, ylabel="Survival", margins=Margins(left=0.95, bottom=0.8, right=1.0), follow_up=1.2,
            pads=(0.1, 0.02),
        ),
        Look(
            groups=(
                Group(lines=("Untreated",), n=310, median=30.0, colour="#2c5f9e"),
                Group(lines=("Treated",), n=288, median=52.0, colour="#c77a12"),
            ),
            seed=22, end=48, step=8, size=(6.6, 5.4), dpi=110, font_size=10, ylabel="Survival",
            margins=Margins(left=0.9, bottom=0.8, right=1.4), pads=(0.06, 0.06),
        ),
    ),
    "table-inside": (
        Look(
            groups=(
                Group(lines=("OPEN",), n=118, median=14.0, colour="#e2342b"),
                Group(lines=("CLOSED",), n=276, median=22.0, colour="#3b3b98"),
                Group(lines=("HYBRID",), n=42, median=40.0, colour="#2f9e44"),
            ),
            seed=23, end=10, step=1, table_step=2, unit="Years", xlabel="years", size=(6.6, 4.6), dpi=110,
            ylabel="Survival rate", margins=Margins(left=0.8, bottom=0.7, right=1.9), boxed=True,
            pads=(0.06, 0.06),
            words_at=(0.3, 0.45),
        ),
        Look(
            groups=(
                Group(lines=("Control",), n=143, median=20.0, colour="#6a3d9a", width=1.7),
                Group(lines=("Surgery",), n=137, median=34.0, colour="#33a02c", width=1.7),
            ),
            seed=24, end=36, step=6, table_step=12, size=(7.0, 5.0), font=_SERIF, font_size=11, percent=True,
            ylabel="Cumulative survival (%)", margins=Margins(left=0.9, bottom=0.7, right=2.1), boxed=True,
            pads=(0.05, 0.05),
            words_at=(0.5, 0.95),
        ),
    ),
    "events-and-totals": (
        Look(
            groups=(
                Group(lines=("Grade 1",), n=84, median=10.5, colour="#1414dc", width=2.2),
                Group(lines=("Grade 2",), n=172, median=6.0, colour="#e619c8", width=2.2),
                Group(lines=("Grade 3",), n=44, median=3.4, colour="#4fd61a", width=2.2),
            ),
            seed=25, end=24, step=3, size=(7.2, 5.0), dpi=100, font_size=8, percent=True, survival_step=0.1, ylabel="",
            margins=Margins(left=0.8, bottom=1.45, right=1.6),
        ),
        Look(
            groups=(
                Group(lines=("Arm 1",), n=131, median=3.1, colour="#c00000", width=1.8),
                Group(lines=("Arm 2",), n=128, median=4.6, colour="#00529b", width=1.8),
            ),
            seed=26, end=10, step=2, unit="Years", size=(7.0, 4.6), dpi=120, font_size=9, percent=True,
            survival_step=0.1,
            ylabel="Overall survival", margins=Margins(left=1.0, bottom=1.4, right=1.6),
        ),
    ),
    "statistics-inside": (
        Look(
            groups=(
                Group(lines=("Placebo", "+ Estalon"), n=334, median=26.0, colour="#f08a24", width=1.7),
                Group(lines=("Ribarex", "+ Estalon"), n=334, median=37.0, colour="#1464b4", width=1.7),
            ),
            seed=27, end=34, step=2, size=(7.6, 5.0), dpi=130, font_size=8, percent=True, xlabel="Time (months)",
            ylabel="Probability of PFS (%)", margins=Margins(left=0.95, bottom=1.35), shape=0.9,
        ),
        Look(
            groups=(
                Group(lines=("Placebo", "+ standard care"), n=181, median=17.0, colour="#7a7a7a", width=1.5),
                Group(lines=("Ormelisib", "+ standard care"), n=177, median=26.0, colour="#a31f5a", width=1.5),
            ),
            seed=28, end=28, step=4, size=(8.0, 5.2), dpi=110, font_size=8.5, ylabel="Progression-free survival",
            margins=Margins(left=1.25, bottom=1.4), boxed=True,
        ),
    ),
    "coloured-rows": (
        Look(
            groups=(
                Group(lines=("ABL-alone",), label=("ABL-alone group",), n=171, median=330.0, colour="#1a1aff",
                      label_at=0.3, label_below=True, width=1.0),
                Group(lines=("ABL + LVX",), label=("ABL + LVX group",), n=170, median=480.0, colour="#ff1a1a",
                      label_at=0.5, width=1.0),
            ),
            seed=29, end=360, step=90, unit="Days", xlabel="Time from treatment (d)", size=(6.0, 4.8), dpi=120,
            ylabel="Event-free rate", margins=Margins(left=1.25, bottom=1.5), follow_up=1.1,
            words_at=(0.1, 0.3),
        ),
        Look(
            groups=(
                Group(lines=("Standard",), label=("Standard",), n=93, median=11.0, colour="#00796b", label_at=0.1,
                      label_below=True, width=1.4),
                Group(lines=("Extended",), label=("Extended",), n=97, median=17.0, colour="#7b3fa0", label_at=0.45,
                      width=1.4),
            ),
            seed=30, end=24, step=4, size=(6.4, 5.0), font_size=9.5, percent=True, ylabel="Relapse-free survival (%)",
            margins=Margins(left=1.3, bottom=1.55),
            words_at=(0.06, 0.22),
        ),
    ),
    "three-rows": (
        Look(
            groups=(
                Group(lines=("Control",), n=228, median=19.0, colour="#c44e52"),
                Group(lines=("Research",), n=231, median=27.0, colour="#4c72b0"),
            ),
            seed=31, end=48, step=8, size=(6.4, 5.8), ylabel="Survival probability", margins=Margins(left=1.05,
            bottom=2.3),
        ),
        Look(
            groups=(
                Group(lines=("Placebo",), n=86, median=2.4, colour="#1b9e77"),
                Group(lines=("Cardivol",), n=90, median=3.6, colour="#d95f02"),
                Group(lines=("Cardivol plus exercise",), n=88, median=5.0, colour="#7570b3"),
            ),
            seed=32, end=6, step=1, unit="Years", xlabel="Years since entry", size=(6.4, 6.6), dpi=110, font=_SERIF,
            font_size=10.5, ylabel="Survival", margins=Margins(left=1.1, bottom=3.3),
        ),
    ),
    "beside-plot": (
        Look(
            groups=(
                Group(lines=("Nivexumab",), n=359, median=9.0, colour="#7fb24a", label_at=0.22,
                      label_below=True, width=1.0),
                Group(lines=("Relatrexin–", "nivexumab"), label=("Relatrexin–nivexumab",), n=355, median=15.0,
                      colour="#4a86c5", label_at=0.55, width=1.0),
            ),
            seed=33, end=30, step=3, size=(8.6, 4.6), font_size=8.5, percent=True, survival_step=0.1,
            ylabel="Progression-free Survival (%)", margins=Margins(left=1.35, bottom=1.45, right=3.3),
        ),
        Look(
            groups=(
                Group(lines=("Physician's", "choice"), label=("Physician's choice",), n=184, median=16.8,
                      colour="#9a9a9a",
                      label_at=0.15, label_below=True, width=1.2),
                Group(lines=("Traxumab", "deloxetan"), label=("Traxumab deloxetan",), n=373, median=23.4,
                      colour="#2b7bba", label_at=0.6, width=1.2),
            ),
            seed=34, end=34, step=2, size=(9.0, 4.4), dpi=115, font_size=8, ylabel="Probability of\nOverall Survival",
            margins=Margins(left=1.35, bottom=1.6, right=3.2),
        ),
    ),
}  # fmt: skip
"""Two looks a figure, by its name."""
