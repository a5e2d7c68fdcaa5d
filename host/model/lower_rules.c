/* Which operator is lowered by which rule. */
#include "host/model/lowering.h"

#include <string.h>

const ph_rule *ph_rule_find(const ph_node *node)
{
    static const ph_rule rules[] = {
#define PH_RULE_ENTRY(name, op, folds) {op, ph_rule_##name, folds},
        PH_RULE_LIST(PH_RULE_ENTRY)
#undef PH_RULE_ENTRY
    };
    if (node->domain && node->domain[0] && strcmp(node->domain, "ai.onnx") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!strcmp(rules[i].op, node->op))
            return &rules[i];
    return NULL;
}
